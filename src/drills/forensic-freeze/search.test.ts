import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Canaries, marker, newCanaries } from './canaries.ts';
import { canaryKinds } from './params.ts';
import { search } from './search.ts';

let folder: string;
let canaries: Canaries;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pitwall-search-'));
  canaries = newCanaries(canaryKinds);
});
afterEach(() => rm(folder, { recursive: true }));

async function put(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}

async function tar(path: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  const packed = pack();
  for (const [name, content] of Object.entries(files)) packed.entry({ name }, content);
  packed.finalize();
  await pipeline(packed, createWriteStream(join(folder, path)));
}

const wanted = () => ({ canaries, changed: { path: '/tmp/x', sha256: 'ab' } });
const look = (kind: (typeof canaryKinds)[number]) => search(folder, kind, wanted());

test('nothing is found where there is nothing', async () => {
  for (const kind of canaryKinds) expect(await look(kind)).toBeNull();
});

test('a secret is found in the pages of the process that keeps it, also across pieces, and nowhere else', async () => {
  const process = { hostPid: 7, pid: 3, environment: [`PWC=${marker(canaries.token, 'memory')}`], argv: [] };
  const memory = { hostPid: 7, core: { pages: 'checkpoint/pages-3.img' } };
  await put('files/processes.json', { processes: [process] });
  await put('files/memory.json', { processes: [memory] });
  const pages = Buffer.concat([Buffer.alloc((1 << 20) - 612), Buffer.from(canaries.secret), Buffer.alloc(1 << 20)]);
  await tar('checkpoint.tar', { 'checkpoint/pages-4.img': pages, 'config.dump': canaries.secret });
  expect(await look('memory')).toBeNull();
  await tar('checkpoint.tar', { 'checkpoint/pages-4.img': 'x', 'checkpoint/pages-3.img': pages });
  expect(await look('memory')).toBe('checkpoint/pages-3.img in checkpoint.tar');
});

test('a marker is an argument of its own, not part of a script', async () => {
  const mark = marker(canaries.token, 'process');
  await put('files/processes.json', { processes: [{ pid: 2, argv: ['sh', '-c', `echo ${mark}`], environment: [] }] });
  expect(await look('process')).toBeNull();
  await put('files/processes.json', { processes: [{ pid: 2, argv: ['sh', mark], environment: [] }] });
  expect(await look('process')).toBe('process 2 in files/processes.json');
});

test('a file counts by its name and its content', async () => {
  await put('files/tmpfs.json', {
    tmpfs: [
      { path: 'files/tmpfs/0.tar', mount: '/dev/shm' },
      { path: '../../etc/passwd', mount: '/' },
    ],
  });
  await tar('files/tmpfs/0.tar', { [`./${canaries.token}`]: 'something else' });
  expect(await look('tmpfs')).toBeNull();
  await tar('files/tmpfs/0.tar', { [`./${canaries.token}`]: canaries.tmpfs });
  expect(await look('tmpfs')).toBe(`/dev/shm/${canaries.token} in files/tmpfs/0.tar`);
  const sha256 = createHash('sha256').update(canaries.deleted).digest('hex');
  const record = { path: 'files/deleted/0', source: `/tmp/${canaries.token}-deleted`, sha256 };
  await put('files/deleted.json', { files: [record, { ...record, path: '../deleted' }] });
  expect(await look('deleted-file')).toBeNull();
  await put('files/deleted/0', 'what the list says is not enough');
  expect(await look('deleted-file')).toBeNull();
  await put('files/deleted/0', canaries.deleted);
  expect(await look('deleted-file')).toContain('files/deleted/0');
});

test('a socket must listen, and a program must be the one that was planted', async () => {
  const socket = { protocol: 'tcp', local: `127.0.0.1:${canaries.port}`, state: 'established' };
  await put('files/network.json', { sockets: [socket, { ...socket, local: '127.0.0.1:1', state: 'listen' }] });
  expect(await look('socket')).toBeNull();
  await put('files/network.json', { sockets: [{ ...socket, state: 'listen' }] });
  expect(await look('socket')).toContain(String(canaries.port));
  await put('files/executables.json', { executables: [{ path: '/tmp/x', sha256: 'cd' }] });
  expect(await look('changed-binary')).toBeNull();
  await put('files/executables.json', { executables: [{ path: '/tmp/x', sha256: 'ab' }] });
  expect(await look('changed-binary')).toBe('/tmp/x in files/executables.json');
  expect(await search(folder, 'changed-binary', { canaries, changed: null })).toBeNull();
});

test('a list that is damaged is said to be', async () => {
  await put('files/processes.json', '{');
  await expect(look('process')).rejects.toThrow();
});
