import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { pagemapImage } from './image.ts';
import { createRuns } from './runs.ts';
import { type SearchedProcess, searchPages } from './search.ts';

const page = 4096;
const needle = Buffer.from('needle in the heap');

/** Archive of one process: runs with their contents. */
function archive(runs: readonly (readonly [first: number, content: Buffer])[]): readonly [map: Buffer, pages: Buffer] {
  const map = createRuns();
  for (const [first, content] of runs) map.push(first, content.length / page);
  return [Buffer.concat([...pagemapImage(7, map, page).chunks()]), Buffer.concat(runs.map(([, content]) => content))];
}

async function search(source: Readable, ...needles: readonly Buffer[]): Promise<SearchedProcess[]> {
  const found: SearchedProcess[] = [];
  for await (const one of searchPages(source, needles)) found.push(one);
  return found;
}

async function tarOf([map, pages]: readonly [map: Buffer, pages: Buffer], chunk: number): Promise<Readable> {
  const tar = pack();
  tar.entry({ name: 'config.dump' }, '{}');
  tar.entry({ name: 'checkpoint/pagemap-7.img' }, map);
  tar.entry({ name: 'checkpoint/pages-7.img' }, pages);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const each of tar as AsyncIterable<Buffer>) chunks.push(each);
  const whole = Buffer.concat(chunks);
  return Readable.from(
    (function* () {
      for (let at = 0; at < whole.length; at += chunk) yield whole.subarray(at, at + chunk);
    })(),
  );
}

function run(pages: number, ...at: number[]): Buffer {
  const content = Buffer.alloc(pages * page, 'x');
  for (const each of at) needle.copy(content, each);
  return content;
}

test.each([512, 1000, 4099, 1 << 20])('is found over the borders of pages and of chunks of %i bytes', async (chunk) => {
  const content = archive([
    [16, run(1, 10)],
    [64, run(3, page - 3, 2 * page + 5, 3 * page - needle.length)],
  ]);
  expect(await search(await tarOf(content, chunk), needle)).toEqual([
    { pid: 7, bytes: 4 * page, matches: 4, places: places(0x1000a, 0x40ffd, 0x42005, 0x43000 - needle.length) },
  ]);
});

test('is found over the end of a run just where the memory goes on', async () => {
  const [first, second] = [run(1), run(1)];
  needle.copy(first, page - 3);
  needle.copy(second, 0, 3);
  const apart = await tarOf(
    archive([
      [16, first],
      [64, second],
    ]),
    512,
  );
  expect(await search(apart, needle)).toEqual([{ pid: 7, bytes: 2 * page, matches: 0, places: [] }]);
  const joined = await tarOf(
    archive([
      [16, first],
      [17, second],
    ]),
    512,
  );
  expect(await search(joined, needle)).toMatchObject([{ matches: 1, places: places(0x10ffd) }]);
});

test('each form of it is told apart, and of very many places the first are kept while all are counted', async () => {
  const wide = Buffer.from(needle.toString(), 'utf16le');
  const content = run(1, 10);
  wide.copy(content, 100);
  const tar = await tarOf(archive([[16, content]]), 4096);
  expect((await search(tar, needle, wide))[0]?.places).toEqual([
    { address: '0x1000a', needle: 0 },
    { address: '0x10064', needle: 1 },
  ]);
  const [many] = await search(await tarOf(archive([[16, run(1)]]), 4096), Buffer.from('x'));
  expect([many?.matches, many?.places.length]).toEqual([4096, 1000]);
});

test('pages of which no map says where they belong are searched all the same', async () => {
  const tar = await tarOf([Buffer.alloc(0), run(1, page - 50)], 1000);
  expect(await search(tar, needle)).toMatchObject([{ matches: 1, places: [{ address: null, needle: 0 }] }]);
});

test('an archive that is cut gives what came before, and then fails', async () => {
  const whole = await tarOf(archive([[16, run(2, 10)]]), 1000);
  const cut = Readable.from((await whole.toArray()).slice(0, 8));
  await expect(search(cut, needle)).rejects.toThrow();
});

test('nothing cannot be searched for', async () => {
  await expect(search(await tarOf(archive([[16, run(1)]]), 4096), Buffer.alloc(0))).rejects.toThrow('nothing');
});

function places(...addresses: readonly number[]) {
  return addresses.map((address) => ({ address: `0x${address.toString(16)}`, needle: 0 }));
}
