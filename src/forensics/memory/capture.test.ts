import { expect, test } from 'vitest';
import { captureMemory } from './capture.ts';
import { type FakeProcess, fakeProc, memorySink, page, pageOf } from './testkit-proc.ts';

const signal = new AbortController().signal;

async function capture(processes: readonly FakeProcess[], gone: readonly number[] = []) {
  using fake = fakeProc(processes.filter(({ hostPid }) => !gone.includes(hostPid)));
  const all = fakeProc(processes);
  all[Symbol.dispose]();
  const sink = memorySink();
  const result = await captureMemory(all.refs, { proc: fake.proc, sink, signal, architecture: 'x64' });
  return { result, files: sink.files, records: (result.value as { processes: Record<string, unknown>[] }).processes };
}

function pages(...numbers: number[]): Buffer {
  return Buffer.concat(numbers.map(pageOf));
}

test('what is present or swapped is written once, in the order of addresses, and nothing else is read', async () => {
  const { result, files } = await capture([
    {
      hostPid: 7,
      pid: 1,
      mappings: [
        { first: 16, pages: '0pps0gp' },
        { first: 40, pages: 'p', path: '/bin/program', inode: 9 },
      ],
    },
  ]);
  expect(result).toMatchObject({ state: 'captured', reason: null, share: 1 });
  expect(files.get('checkpoint/pages-1.img')?.equals(pages(17, 18, 19, 22, 40))).toBe(true);
  expect([...files.keys()].filter((name) => !name.startsWith('checkpoint/'))).toEqual(['cores/core.1.head']);
});

test('the head of a core and the pages are the core: each page lies where its segment says', async () => {
  const { files, records } = await capture([
    {
      hostPid: 7,
      pid: 1,
      mappings: [
        { first: 16, pages: '0pps0gp' },
        { first: 40, pages: '00', flags: 'r-xp', path: '/bin/program', inode: 9 },
      ],
    },
  ]);
  const core = Buffer.concat([files.get('cores/core.1.head') ?? Buffer.alloc(0), files.get('checkpoint/pages-1.img') ?? Buffer.alloc(0)]);
  expect(records[0]).toMatchObject({
    core: { path: 'cores/core.1', head: 'cores/core.1.head', pages: 'checkpoint/pages-1.img', bytes: core.length },
  });
  const segments = loads(core);
  expect(segments.map(({ first, count, captured }) => [first, count, captured])).toEqual([
    [16, 1, false],
    [17, 3, true],
    [20, 2, false],
    [22, 1, true],
    [40, 2, false],
  ]);
  for (const { first, count, captured, offset } of segments)
    if (captured)
      for (let i = 0; i < count; i++) expect(core.subarray(offset + i * page, offset + (i + 1) * page)).toEqual(pageOf(first + i));
});

test('a page of a shared mapping is kept once, with the first process that has it', async () => {
  const shared = { flags: 'rw-s', inode: 5, path: '/dev/zero (deleted)' };
  const { result, files } = await capture([
    { hostPid: 7, mappings: [{ first: 16, pages: 'pp0', offset: 2, ...shared }] },
    {
      hostPid: 8,
      ppid: 7,
      mappings: [
        { first: 32, pages: '0pppp', ...shared },
        { first: 64, pages: 'pp', flags: 'r--p', inode: 5, path: '/dev/zero (deleted)' },
      ],
    },
  ]);
  expect(result.state).toBe('captured');
  expect(files.get('checkpoint/pages-7.img')?.equals(pages(16, 17))).toBe(true);
  expect(files.get('checkpoint/pages-8.img')?.equals(pages(33, 36, 64, 65))).toBe(true);
});

test('a first thread that has ended hides nothing: its memory is read where another thread has it', async () => {
  const { files, result } = await capture([
    {
      hostPid: 7,
      state: 'Z',
      threads: [{ tid: 9, state: 'S', syscall: '-1 0x7ffc0000 0x401000\n' }],
      mappings: [{ first: 16, pages: 'pp' }],
    },
  ]);
  expect(result.state).toBe('captured');
  expect(files.get('checkpoint/pages-7.img')?.equals(pages(16, 17))).toBe(true);
});

test('a zombie has no memory, and is not missing', async () => {
  const { result, records } = await capture([{ hostPid: 7 }, { hostPid: 8, ppid: 7, state: 'Z' }]);
  expect(result).toMatchObject({ state: 'captured', share: 1 });
  expect(records[1]).toMatchObject({ pid: 8, wanted: 0, captured: 0, core: null });
});

test('a process that ended before it was read is said, and the others are captured', async () => {
  const { result, records } = await capture(
    [
      { hostPid: 7, mappings: [{ first: 16, pages: 'p' }] },
      { hostPid: 8, comm: 'ls\n\u001b[2J' },
    ],
    [8],
  );
  expect(result).toMatchObject({ state: 'partial', reason: 'process 8 (ls??[2J) ended before its memory was read' });
  expect(records).toHaveLength(1);
});

test('pages that cannot be read are zeros, counted and named', async () => {
  const { result, files, records } = await capture([
    { hostPid: 7, comm: 'redis', mappings: [{ first: 16, pages: 'pppp' }], memoryBytes: 18 * page },
  ]);
  expect(result).toMatchObject({ state: 'partial', share: 0.5 });
  expect(result.reason).toBe('process 7 (redis): 2 pages could not be read, the first at 0x12000; they are zeros');
  expect(records[0]).toMatchObject({ wanted: 4 * page, captured: 2 * page });
  expect(files.get('checkpoint/pages-7.img')?.equals(Buffer.concat([pages(16, 17), Buffer.alloc(2 * page)]))).toBe(true);
});

test('more than two buffers of memory, in runs of all lengths, keep their order', async () => {
  const letters = Array.from({ length: 3000 }, (_, index) => (index % 7 === 0 || index % 500 === 3 ? '0' : 'p')).join('');
  const { files } = await capture([{ hostPid: 7, mappings: [{ first: 100, pages: letters }] }]);
  const expected = letters.split('').flatMap((letter, index) => (letter === 'p' ? [100 + index] : []));
  expect(files.get('checkpoint/pages-7.img')?.equals(pages(...expected))).toBe(true);
});

test('two processes with the same number, one of them in a container of its own, do not write over each other', async () => {
  const { files, result } = await capture([
    { hostPid: 7, pid: 1, mappings: [{ first: 16, pages: 'p' }] },
    { hostPid: 9, pid: 1, mappings: [{ first: 32, pages: 'p' }] },
  ]);
  expect(result.state).toBe('captured');
  expect(files.get('checkpoint/pages-1.img')?.equals(pages(16))).toBe(true);
  expect(files.get(`checkpoint/pages-${2 ** 22 + 9}.img`)?.equals(pages(32))).toBe(true);
});

test('a thread that was not at rest is said', async () => {
  const { result } = await capture([{ hostPid: 7, threads: [{ tid: 8, syscall: 'running\n' }], mappings: [{ first: 16, pages: 'p' }] }]);
  expect(result).toMatchObject({ state: 'partial', share: 1 });
  expect(result.reason).toContain('the registers of 1 of 2 threads are not known');
});

test('there are no cores on another processor, and the pages are there', async () => {
  using fake = fakeProc([{ hostPid: 7, mappings: [{ first: 16, pages: 'p' }] }]);
  const sink = memorySink();
  const result = await captureMemory(fake.refs, { proc: fake.proc, sink, signal, architecture: 'arm64' });
  expect(result).toMatchObject({ state: 'captured', value: { processes: [{ core: null, captured: page }] } });
  expect(result.reason).toContain('this is arm64');
  expect(sink.files.has('checkpoint/pages-7.img')).toBe(true);
});

test('without processes there is nothing; aborted, it is refused', async () => {
  expect(await capture([])).toMatchObject({ result: { state: 'absent', bytes: 0 } });
  using fake = fakeProc([{ hostPid: 7 }]);
  const aborted = { proc: fake.proc, sink: memorySink(), signal: AbortSignal.abort(new Error('the time is over')) };
  await expect(captureMemory(fake.refs, aborted)).rejects.toThrow('the time is over');
});

interface Load {
  readonly first: number;
  readonly count: number;
  readonly captured: boolean;
  readonly offset: number;
}

function loads(core: Buffer): Load[] {
  const count = core.readUInt16LE(56);
  return Array.from({ length: count }, (_, index) => 64 + 56 * index)
    .filter((at) => core.readUInt32LE(at) === 1)
    .map((at) => ({
      first: Number(core.readBigUInt64LE(at + 16)) / page,
      count: Number(core.readBigUInt64LE(at + 40)) / page,
      captured: core.readBigUInt64LE(at + 32) > 0n,
      offset: Number(core.readBigUInt64LE(at + 8)),
    }));
}
