import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { pagemapImage } from './image.ts';
import { createRuns } from './runs.ts';
import { searchPages } from './search.ts';

const page = 4096;
const needle = Buffer.from('needle in the heap');

/** Archive of one process: runs with their contents. */
function archive(runs: readonly (readonly [first: number, content: Buffer])[]): readonly [map: Buffer, pages: Buffer] {
  const map = createRuns();
  for (const [first, content] of runs) map.push(first, content.length / page);
  return [Buffer.concat([...pagemapImage(7, map, page).chunks()]), Buffer.concat(runs.map(([, content]) => content))];
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
  expect(await searchPages(await tarOf(content, chunk), needle)).toEqual([{ pid: 7, matches: 4, address: '0x1000a' }]);
});

test('is not found over the end of a run, where the memory does not go on', async () => {
  const [first, second] = [run(1), run(1)];
  needle.copy(first, page - 3);
  needle.copy(second, 0, 3);
  expect(
    await searchPages(
      await tarOf(
        archive([
          [16, first],
          [64, second],
        ]),
        512,
      ),
      needle,
    ),
  ).toEqual([]);
  expect(await searchPages(await tarOf(archive([[16, Buffer.concat([first, second])]]), 512), needle)).toMatchObject([
    { address: '0x10ffd' },
  ]);
});

test('a process without it is not named, and nothing cannot be searched for', async () => {
  expect(await searchPages(await tarOf(archive([[16, run(2)]]), 4096), needle)).toEqual([]);
  await expect(searchPages(Readable.from([]), Buffer.alloc(0))).rejects.toThrow('nothing');
});
