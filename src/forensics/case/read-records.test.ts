import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExecutableRecord, SocketRecord } from '../records.ts';
import { readRecords } from './read-records.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'case-records-'));
  await mkdir(join(folder, 'files'));
});
afterEach(() => rm(folder, { recursive: true }));

const socket: SocketRecord = { owners: [{ pid: 1, fd: 3 }], protocol: 'tcp', local: '0.0.0.0:80', remote: null, state: 'listen', inode: 5 };
const executable: ExecutableRecord = { path: '/bin/\u001b[2Jsh', pids: [1], deleted: false, bytes: 1, sha256: 'a' };
const write = (name: string, content: string) => writeFile(join(folder, 'files', name), content);

test('what was not captured gives no records; what is not as it should be is left out and said', async () => {
  await write('network.json', JSON.stringify({ sockets: [socket, { ...socket, owners: 'x' }], arp: [] }));
  await write('executables.json', JSON.stringify({ executables: [executable] }));
  await write('deleted.json', '{"files": [');
  const records = await readRecords(folder);
  expect(records).toMatchObject({ processes: [], sockets: [socket], executables: [executable], deleted: [] });
  expect(records.unreadable).toEqual([
    'files/network.json: 1 of 2 entries cannot be read',
    'files/deleted.json is not what a capture writes',
  ]);
});

test('no content at all makes the reading fail', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string()), fc.jsonValue(), async (text, item) => {
      await write('processes.json', text);
      await write('open-files.json', JSON.stringify({ openFiles: [item] }));
      const { processes, openFiles } = await readRecords(folder);
      expect([...processes, ...openFiles]).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
