import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findText } from './find-text.ts';
import { pagemapImage } from './memory/image.ts';
import { createRuns } from './memory/runs.ts';

const page = 4096;
const secret = 'sk_live_51Hx';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitwall-find-'));
  put('files/manifest.json', { coverage: whole });
  put('files/processes.json', { processes: [one, two].map((ref) => ({ ...process, ...ref })) });
  put('files/memory.json', { processes: [one, two].map((ref) => ({ ...ref, wanted: page, captured: page, threads: 1, core: null })) });
  put('files/deleted.json', { files: [{ path: 'files/deleted/0', source: '/tmp/gone', pid: 1, fd: 3, bytes: 9, sha256: '', size: 9 }] });
  put('files/deleted/0', 'no secret');
  put('files/tmpfs.json', { tmpfs: [{ path: 'files/tmpfs/0.tar', mount: '/scratch', files: 1, bytes: 9 }] });
  put('files/proc/1/maps', '10000-12000 rw-p 00000000 00:00 0 [heap]\n20000-21000 rw-s 00000000 00:01 77 /dev/shm/q\\012\n');
  put('files/proc/1-102/maps', '10000-11000 rw-p 00000000 00:00 0 [stack]\n30000-31'); // cut
});
afterEach(() => rmSync(folder, { recursive: true }));

const step = { reason: null, share: 1, bytes: 1, startedAt: '', ms: 1 };
const whole = ['memory', 'tmpfs', 'deleted-files', 'disk'].map((name) => ({ ...step, step: name, state: 'captured' }));
const one = { hostPid: 101, pid: 1, ppid: 0, comm: 'server' };
// of a namespace in the container
const two = { hostPid: 102, pid: 1, ppid: 0, comm: 'nested' };
const process = { argv: ['app', secret], environment: [], exe: '/app', exeDeleted: false, cwd: '/', uid: 0, gid: 0, state: 'S' };
Object.assign(process, { threads: 1, startTicks: 1, capEff: '0', noNewPrivs: null, seccomp: null });

function put(path: string, content: unknown): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
}

async function tar(path: string, entries: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const packed = pack();
  for (const [name, content] of Object.entries(entries)) packed.entry({ name }, content);
  packed.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of packed as AsyncIterable<Buffer>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  put(path, bytes);
  return bytes;
}

/** Memory of both, each of one page at 0x10000; the first has another at 0x20000. */
async function memory(first = '', second = '', shared = ''): Promise<Buffer> {
  const of = (number: number, ...pages: readonly (readonly [at: number, text: string | Buffer])[]) => {
    const runs = createRuns();
    for (const [at] of pages) runs.push(at / page, 1);
    const content = pages.map(([, text]) =>
      Buffer.concat([Buffer.alloc(16), Buffer.from(text as string), Buffer.alloc(page)]).subarray(0, page),
    );
    return {
      [`checkpoint/pagemap-${number}.img`]: Buffer.concat([...pagemapImage(number, runs, page).chunks()]),
      [`checkpoint/pages-${number}.img`]: Buffer.concat(content),
    };
  };
  return tar('checkpoint.tar', { ...of(1, [0x10000, first], [0x20000, shared]), ...of(2 ** 22 + 102, [0x10000, second]) });
}

const find = (text: string | Buffer = secret) => findText('ev_1', folder, Buffer.from(text as string));

test('each place is told with its process, address and mapping; nothing of the text is', async () => {
  await memory(`key=${secret};`, '', secret);
  await tar('files/tmpfs/0.tar', { './a': 'x', './deep/b': `${secret} and ${secret}` });
  const found = await find();
  expect(found).toMatchObject({ matches: 4, notSearched: [], searched: { memoryBytes: 3 * page, files: 3 } });
  expect(found.processes).toEqual([
    {
      pid: 1,
      command: 'server',
      bytes: 2 * page,
      matches: 2,
      places: [
        { address: '0x10014', encoding: 'as-given', in: { kind: 'heap', path: null, shared: false } },
        { address: '0x20010', encoding: 'as-given', in: { kind: 'file', path: '/dev/shm/q\n', shared: true } },
      ],
    },
    { pid: 1, command: 'nested', bytes: page, matches: 0, places: [] },
  ]);
  expect(found.files).toEqual([{ path: '/scratch/deep/b', kind: 'tmpfs', kept: 'files/tmpfs/0.tar', matches: 2 }]);
  expect(JSON.stringify(found)).not.toContain('sk_');
});

test('the second of two with one number is told apart, UTF-16 is found, a name that has the text is not shown', async () => {
  await memory('', Buffer.from(secret, 'utf16le') as unknown as string);
  await tar('files/tmpfs/0.tar', { [`./${secret}-tail`]: secret });
  put('files/deleted/0', `so ${secret}`);
  const found = await find();
  expect(found.processes[1]).toMatchObject({
    command: 'nested',
    places: [{ address: '0x10010', encoding: 'utf-16le', in: { kind: 'stack' } }],
  });
  expect(found.files.map(({ path, kind }) => [path, kind])).toEqual([
    ['/tmp/gone', 'deleted'],
    ['***', 'tmpfs'],
  ]);
});

test('bytes that are no text are found, and a single character is counted once', async () => {
  await memory('Q');
  await tar('files/tmpfs/0.tar', { a: Buffer.from([1, 0xff, 0xfe, 2]) });
  expect((await find(Buffer.from([0xff, 0xfe]))).matches).toBe(1);
  expect((await find('Q')).matches).toBe(1);
});

test('what was not captured is said, of each of the three that are searched and of no other', async () => {
  await memory();
  await tar('files/tmpfs/0.tar', {});
  expect((await find()).notSearched).toEqual([]);
  const state = (name: string, to: string, reason: string) =>
    whole.map((each) => (each.step === name ? { ...each, state: to, reason } : each));
  for (const [coverage, said] of [
    [state('memory', 'partial', 'a page'), ['memory was captured in part: a page']],
    [state('tmpfs', 'missing', 'too slow'), ['tmpfs was not captured: too slow']],
    [state('deleted-files', 'not-asked', ''), ['deleted-files was not asked for']],
    [state('deleted-files', 'absent', 'none open'), []],
    [state('disk', 'missing', 'full'), []],
  ] as const) {
    put('files/manifest.json', { coverage });
    expect((await find()).notSearched).toEqual(said);
  }
  put('criu.tar', 'x');
  put('files/manifest.json', { coverage: [] });
  expect((await find()).notSearched).toContain('criu.tar is there and was not searched: only memory that was read from /proc is');
  rmSync(join(folder, 'files/manifest.json'));
  expect((await find()).notSearched[0]).toBe('files/manifest.json cannot be read: what was left out is not known');
});

test('a process without memory, or with less than there was, is said', async () => {
  await memory();
  await tar('files/tmpfs/0.tar', {});
  const ended = { ...process, ...one, hostPid: 104, pid: 4, state: 'Z' };
  put('files/processes.json', { processes: [{ ...process, ...one, hostPid: 103, pid: 3 }, ended] });
  put('files/memory.json', {
    processes: [
      { ...one, wanted: 3 * page, captured: 3 * page },
      { ...two, wanted: page, captured: 0 },
    ],
  });
  expect((await find()).notSearched).toEqual([
    'process 1 (server): 4096 of 12288 bytes of its memory are not there',
    'process 1 (nested): 4096 of 4096 bytes of its memory are not there',
    'process 3 (server): its memory is not there',
  ]);
});

test('archives that are cut give what they have, and the rest is said to be missing', async () => {
  const checkpoint = await memory(secret);
  put('checkpoint.tar', checkpoint.subarray(0, checkpoint.length - 1.5 * page));
  const tmpfs = await tar('files/tmpfs/0.tar', { a: secret, b: Buffer.alloc(9000) });
  put('files/tmpfs/0.tar', tmpfs.subarray(0, 3000));
  rmSync(join(folder, 'files/deleted/0'));
  const found = await find();
  expect([found.processes[0]?.matches, found.files.map(({ path }) => path)]).toEqual([1, ['/scratch/a']]);
  expect(found.notSearched).toEqual([
    'checkpoint.tar cannot be read to its end',
    'process 1 (nested): 4096 of 4096 bytes of its memory are not there',
    '/tmp/gone (deleted), kept as files/deleted/0, cannot be read',
    'the tmpfs /scratch, kept as files/tmpfs/0.tar, cannot be read to its end',
  ]);
  for (const list of ['memory', 'tmpfs', 'deleted']) rmSync(join(folder, `files/${list}.json`));
  rmSync(join(folder, 'checkpoint.tar'));
  expect((await find()).notSearched).toEqual([
    'files/memory.json cannot be read',
    'files/tmpfs.json cannot be read',
    'files/deleted.json cannot be read',
    'process 1 (server): its memory is not there',
    'process 1 (nested): its memory is not there',
  ]);
});
