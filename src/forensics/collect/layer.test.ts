import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
const read = async (paths: readonly string[], signal = new AbortController().signal) =>
  (await readLayer(here, { paths, maxBytes: 1 << 20 }, { signal })).value as unknown as NonNullable<SealReading['layer']>;

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
