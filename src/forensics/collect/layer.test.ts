import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { SealReading } from '../../domain/evidence.ts';
import { readLayer } from './layer.ts';

const folder = await mkdtemp(join(tmpdir(), 'pitwall-layer-'));
afterAll(() => rm(folder, { recursive: true }));

const here = {
  proc: '/proc',
  containerId: '',
  volumes: [],
  processes: [{ hostPid: process.pid, pid: process.pid, ppid: 1, comm: 'test' }],
};
const read = async (paths: readonly string[], signal = new AbortController().signal, untimed: readonly string[] = []) =>
  (await readLayer(here, { paths, untimed, maxBytes: 1 << 20 }, { signal })).value as unknown as NonNullable<SealReading['layer']>;

/** Names of bytes that are no UTF-8, all of which the engine lists as one. */
async function sameNames(name: string, count: number): Promise<string> {
  await mkdir(join(folder, name));
  for (let i = 0; i < count; i++) {
    await writeFile(Buffer.concat([Buffer.from(`${join(folder, name)}/`), Buffer.from([0x80 + i])]), `${i}`);
  }
  return join(folder, name, '\ufffd');
}

test('a file is hashed once, however many names read as its own', async () => {
  const path = await sameNames('once', 20);
  expect(await read(Array(20).fill(path))).toMatchObject({ files: 20, bytes: 30 });
});

test('whoever looks at many names listens to an abort, and lets others have their turn', async () => {
  const path = await sameNames('many', 20);
  const stop = new AbortController();
  setImmediate(() => stop.abort(new Error('enough')));
  const paths = Array.from({ length: 500 }, (_, i) => `${path}/${i}`);
  await expect(read(paths, stop.signal)).rejects.toThrow('enough');
});

test('a folder in which something came and went is the same only where its times are left out', async () => {
  const path = join(folder, 'passed-through');
  await mkdir(path);
  const both = () => Promise.all([read([path]), read([path], undefined, [path])]);
  const before = await both();
  await mkdir(join(path, 'for-a-moment'));
  const [, during] = await both();
  await rm(join(path, 'for-a-moment'), { recursive: true });
  await utimes(path, 1, 1);
  const after = await both();
  expect([after[0]?.sha256 === before[0]?.sha256, after[1]?.sha256 === before[1]?.sha256]).toEqual([false, true]);
  // names are the engine's to list: what is in a folder is no part of the folder's own entry
  expect(during?.files).toBe(1);
  await chmod(path, 0o700);
  expect((await read([path], undefined, [path])).sha256).not.toBe(after[1]?.sha256);
});
