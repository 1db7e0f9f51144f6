import { readFile } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { afterAll, expect, test } from 'vitest';
import type { AttachedStreams } from '../../domain/engine/streams.ts';
import { bench, image } from '../testkit.ts';

const { engine, label, name, sweep } = bench();
afterAll(sweep);

const labels = () => ({ 'pitwall.test': label.split('=')[1] ?? '' });

test('images are inspected and listed by label', async () => {
  const found = await engine.inspectImage(image);
  expect(found.Id).toMatch(/^sha256:/);
  expect((await engine.images()).some(({ id, tags }) => id === found.Id && tags.includes(image))).toBe(true);
  expect(await engine.images({ labels: [label] })).toEqual([]);
});

test('an image is imported from a tar, and removed', async () => {
  const tar = pack();
  tar.entry({ name: 'hello' }, await readFile(new URL(import.meta.url)));
  tar.finalize();
  const reference = `pitwall-test-engine/${name('import').toLowerCase()}:1`;
  await engine.importImage(tar.pipe(new PassThrough()), reference, [`LABEL ${label}`, 'CMD ["/hello"]', 'ENV A=b']);
  const made = await engine.inspectImage(reference);
  expect(made.Config).toMatchObject({ Labels: labels(), Cmd: ['/hello'], Env: expect.arrayContaining(['A=b']) });
  expect((await engine.images({ labels: [label] })).map(({ tags }) => tags)).toEqual([[reference]]);
  await engine.removeImage(made.Id);
  await engine.removeImage(made.Id);
  await expect(engine.inspectImage(reference)).rejects.toMatchObject({ code: 'image_gone' });
});

test('a tar that is none is refused, and leaves no image', async () => {
  const reference = `pitwall-test-engine/${name('broken').toLowerCase()}:1`;
  await expect(engine.importImage(Readable.from([Buffer.alloc(2048, 'x')]), reference, [])).rejects.toMatchObject({
    code: expect.stringMatching(/engine_(failed|refused)/),
  });
  await expect(engine.inspectImage(reference)).rejects.toMatchObject({ code: 'image_gone' });
});

test('an attached container hears and is heard, and ends the stream with itself', async () => {
  const { id } = await attachable('cat', ['sh', '-c', 'read line; echo "heard $line"; echo done >&2']);
  const attached = await engine.attach(id);
  await engine.start(id);
  attached.write('hello\n');
  expect(await linesOf(attached)).toEqual(['stderr done', 'stdout heard hello']);
});

test('letting go of an attached container ends its input; the signal lets go too', async () => {
  const { id } = await attachable('wc', ['wc', '-l']);
  const attached = await engine.attach(id);
  await engine.start(id);
  attached.write('1\n2\n');
  attached.close();
  expect(await engine.wait(id)).toBe(0);
  const other = await attachable('signal', ['cat']);
  const stop = new AbortController();
  const held = await engine.attach(other.id, { signal: stop.signal });
  await engine.start(other.id);
  stop.abort();
  expect(await linesOf(held)).toEqual([]);
});

const attachable = (suffix: string, Cmd: string[]) =>
  engine.create(name(suffix), { Image: image, Cmd, Labels: labels(), OpenStdin: true, StdinOnce: true, AttachStdin: true });

async function linesOf(attached: AttachedStreams): Promise<string[]> {
  const lines: string[] = [];
  for await (const { stream, line } of attached.output) lines.push(`${stream} ${line}`);
  return lines.sort();
}
