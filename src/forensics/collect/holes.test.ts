import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { memorySink } from '../../../test/forensics/collect-lab.ts';
import type { DeletedFileRecord, ExecutableRecord } from '../records.ts';
import { collectDeleted } from './deleted.ts';
import { collectExecutables } from './executables.ts';
import { createScanRoom, dataOf } from './extents.ts';

const folder = mkdtempSync(join(tmpdir(), 'pitwall-holes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();
const self = {
  proc: '/proc',
  containerId: '',
  volumes: [],
  processes: [{ hostPid: process.pid, pid: process.pid, ppid: 1, comm: 'test' }],
};

function sparse(name: string, size: number): { path: string; fd: number } {
  const path = join(folder, name);
  writeFileSync(path, '');
  truncateSync(path, size);
  const fd = openSync(path, 'r+');
  writeSync(fd, 'end', size - 3);
  return { path, fd };
}

test('a deleted file that is nearly all hole leaves room for the others', async () => {
  const hole = sparse('hole', 64 << 20);
  unlinkSync(hole.path);
  const other = openSync(join(folder, 'other'), 'w+');
  writeSync(other, 'what it wanted to hide');
  unlinkSync(join(folder, 'other'));
  const to = memorySink();
  const { state, reason } = await collectDeleted(self, 1 << 20, { sink: to.sink, signal });
  const { files } = to.json<{ files: DeletedFileRecord[] }>('files/deleted.json');
  expect(files.find(({ source }) => source === hole.path)).toMatchObject({ bytes: 0, size: 64 << 20 });
  const kept = files.find(({ source }) => source === join(folder, 'other'));
  expect(String(to.files.get(kept?.path ?? ''))).toBe('what it wanted to hide');
  expect({ state, reason }).toMatchObject({ state: 'partial', reason: expect.stringContaining(hole.path) });
  for (const fd of [hole.fd, other]) closeSync(fd);
});

test('an executable that is too large leaves the others hashed, and is named', async () => {
  const to = memorySink();
  const { state, reason } = await collectExecutables(self, { sink: to.sink, signal }, 32 << 20);
  const { executables } = to.json<{ executables: ExecutableRecord[] }>('files/executables.json');
  expect(executables.map(({ path }) => path)).not.toContain(process.execPath);
  expect(executables.length).toBeGreaterThan(0);
  expect({ state, reason }).toMatchObject({ state: 'partial', reason: expect.stringContaining(`${process.execPath} was not hashed`) });
});

test('files of holes share what a step looks through', async () => {
  const room = { ...createScanRoom(), left: 24 << 20 };
  const found: boolean[] = [];
  for (const name of ['one', 'two']) {
    const { fd } = sparse(name, 16 << 20);
    const { extents, cut } = await dataOf(fd, { size: 16 << 20, blocks: 8 }, Buffer.alloc(1 << 20), { signal, room });
    found.push(cut || extents.length === 0);
    closeSync(fd);
  }
  expect(found).toEqual([false, true]);
});
