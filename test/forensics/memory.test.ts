import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { EvidenceSink, StepResult } from '../../src/domain/evidence.ts';
import { captureMemory } from '../../src/forensics/memory/capture.ts';
import { encodeStatsDump } from '../../src/forensics/memory/image.ts';
import { searchPages } from '../../src/forensics/memory/search.ts';
import type { MemoryRecord, ProcessRef } from '../../src/forensics/records.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';
import { findTool, type Tool } from '../support/tools.ts';

const execute = promisify(execFile);
/** Is put together in memory: it stands in no file and no argument. */
const canary = 'pitwall-canary-4711-in-the-heap';

/** Two threads, one of them never in a system call, and a child. */
const program = `
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
char *secret; volatile long spun;
__attribute__((noinline)) void *waits(void *x) { pause(); spun++; return x; }
__attribute__((noinline)) long spins(long by) { for (;;) spun += by; return spun; }
__attribute__((noinline)) void *spinner(void *x) { spins(3); return x; }
int main(void) {
  pthread_t one, two;
  secret = malloc(64);
  snprintf(secret, 64, "%s-%d-in-the-heap", "pitwall-canary", 4711);
  pthread_create(&one, 0, waits, 0);
  pthread_create(&two, 0, spinner, 0);
  if (fork() == 0) waits(0);
  puts("ready");
  fflush(stdout);
  waits(0);
  return (int)spun;
}
`;
/** The same without a compiler: no threads, and no frames that have names. */
const script = `x=pitwall-canary; y=in-the-heap; z="$x-4711-$y"; sleep 600 & echo ready; wait`;
/** A name with a newline, an escape and a byte that is not UTF-8. */
const hostile = `n="$(printf '/tmp/busybox\\nx\\033[2J\\377')"; cp /bin/busybox "$n"; "$n" sleep 600 &
  while [ "$(readlink "/proc/$!/exe")" != "$n" ]; do :; done; rm "$n"; nc -ll -p 8080 & sleep 600`;

let containers: Fixture;
let folder: string;
let built: string | null;
let captured: StepResult;
let processes: ProcessRef[];
let anonymousBefore: number[];
const tar = () => join(folder, 'checkpoint.tar');

beforeAll(async () => {
  containers = fixture();
  folder = await mkdtemp(join(tmpdir(), 'pitwall-memory-'));
  built = await compile();
  const pid = await start();
  processes = await inContainer(pid);
  anonymousBefore = await Promise.all(processes.map(anonymous));
  captured = await captureMemory(processes, {
    proc: '/proc',
    sink: folderSink(join(folder, 'case')),
    signal: new AbortController().signal,
  });
  await pack();
});

afterAll(async () => {
  await containers[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('all of every process is captured, and no page is brought about by it', async () => {
  expect(captured).toMatchObject({ state: 'captured', reason: null, share: 1 });
  const { processes: records } = captured.value as unknown as { processes: MemoryRecord[] };
  expect(records.map(({ pid }) => pid).sort()).toEqual(processes.map(({ pid }) => pid).sort());
  expect(records.length).toBeGreaterThanOrEqual(5);
  expect(records.find(({ pid }) => pid === 1)?.threads).toBe(built === null ? 1 : 3);
  for (const { wanted, captured: bytes } of records) expect([bytes, bytes > 0]).toEqual([wanted, true]);
  expect(await Promise.all(processes.map(anonymous))).toEqual(anonymousBefore);
  for (const { hostPid } of processes) expect(await readFile(`/proc/${hostPid}/status`, 'latin1')).toMatch(/^TracerPid:\t0$/m);
});

test('the canary is found in the memory of who has it, and of nobody else', async () => {
  const pids: number[] = [];
  for await (const { pid, matches } of searchPages(tar(), [Buffer.from(canary)])) if (matches > 0) pids.push(pid);
  expect(pids).toContain(1);
  expect(pids.length).toBeLessThanOrEqual(2);
});

describe('checkpointctl', () => {
  test('shows the archive', async ({ skip }) => {
    const out = await checkpointctl(skip, 'show');
    expect(out).toContain('the-frozen-one');
  });

  test('shows processes with arguments and environment, open files, sockets and statistics', async ({ skip }) => {
    const out = await checkpointctl(skip, 'inspect', '--ps-tree-cmd', '--ps-tree-env', '--files', '--sockets', '--stats');
    expect(out).toContain('PLANTED=in the environment');
    expect(out).toContain('sleep 600');
    expect(out).toMatch(/\[REG 0\] +\/dev\/null/);
    expect(out).toMatch(/TCP \(LISTEN\)\] +:::8080/);
    expect(out).toContain('Frozen time: 2 ms');
  });

  test('finds the canary in the memory', async ({ skip }) => {
    expect(await checkpointctl(skip, 'memparse')).toMatch(/^[| ]*1[| ]+(program|sh)[| ]/m);
    expect(await checkpointctl(skip, 'memparse', '--pid', '1', '-s', canary)).toContain(canary);
    expect(await checkpointctl(skip, 'memparse', '--pid', '1', '-s', 'not-in-there')).toContain('No matches');
  });
});

test('a debugger opens the core with the frames of every thread, and reads the heap', async ({ skip }) => {
  const gdb = await have('gdb', skip);
  if (built === null) return skip(`no program with frames: ${await missing('gcc')}`);
  const core = join(folder, 'core.1');
  const parts = [join(folder, 'case/cores/core.1.head'), join(folder, 'case/checkpoint/pages-1.img')];
  await writeFile(core, Buffer.concat(await Promise.all(parts.map((part) => readFile(part)))));
  const { stdout } = await execute(gdb, ['-batch', '-nx', '-ex', 'thread apply all backtrace', '-ex', 'print secret', built, core]);
  expect(stdout).toMatch(/spins \(.*\n#1 .* spinner /);
  expect(stdout).toMatch(/waits \(.*\n#2 .* main \(\)/);
  expect(stdout).toMatch(/waits \(.*\n#2 .* start_thread/);
  expect(stdout).toContain(canary);
});

async function start(): Promise<number> {
  const name = containers.name('target');
  const command = built === null ? ['sh', '-c', script] : ['/program'];
  const image = 'pitwall-fixture/busybox:1';
  await docker('create', '--name', name, '--label', containers.label, '--env', 'PLANTED=in the environment', image, ...command);
  if (built !== null) await docker('cp', built, `${name}:/program`);
  await docker('start', name);
  await until('ready', 'logs', name);
  await docker('exec', '-d', name, 'sh', '-c', hostile);
  await until(':8080', 'exec', name, 'netstat', '-ltn');
  await until('(deleted)', 'exec', name, 'sh', '-c', 'ls -l /proc/[0-9]*/exe 2>/dev/null || true');
  await docker('pause', name);
  return Number(await docker('inspect', '--format', '{{.State.Pid}}', name));
}

function until(text: string, ...command: string[]): Promise<void> {
  return vi.waitFor(async () => expect(await docker(...command)).toContain(text), { timeout: 20_000, interval: 200 });
}

async function compile(): Promise<string | null> {
  const gcc = await findTool('gcc');
  if ('missing' in gcc) return null;
  const source = join(folder, 'program.c');
  await writeFile(source, program);
  await execute(gcc.path, ['-O1', '-g', '-static', '-pthread', source, '-o', join(folder, 'program')]);
  return join(folder, 'program');
}

async function inContainer(init: number): Promise<ProcessRef[]> {
  const namespace = await readlink(`/proc/${init}/ns/pid`);
  const found: { hostPid: number; parent: number; pid: number; comm: string }[] = [];
  for (const hostPid of (await readdir('/proc')).map(Number).filter((number) => number > 0)) {
    if ((await readlink(`/proc/${hostPid}/ns/pid`).catch(() => '')) !== namespace) continue;
    const status = await readFile(`/proc/${hostPid}/status`, 'latin1');
    const field = (name: string) => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(status)?.[1] ?? '';
    found.push({ hostPid, parent: Number(field('PPid')), pid: Number(field('NSpid').split('\t').at(-1)), comm: field('Name') });
  }
  return found.map(({ parent, ...ref }) => ({ ...ref, ppid: found.find(({ hostPid }) => hostPid === parent)?.pid ?? 0 }));
}

/** Pages of its own that are there, in kB. */
async function anonymous({ hostPid }: ProcessRef): Promise<number> {
  return Number(/^RssAnon:\s+(\d+)/m.exec(await readFile(`/proc/${hostPid}/status`, 'latin1'))?.[1]);
}

function folderSink(at: string): EvidenceSink {
  return {
    async file(path, size) {
      await mkdir(dirname(join(at, path)), { recursive: true });
      const out = createWriteStream(join(at, path), { flags: 'wx' });
      return {
        write: (chunk) => new Promise((resolve, reject) => out.write(chunk, (error) => (error ? reject(error) : resolve()))),
        close: () =>
          new Promise((resolve, reject) => {
            out.end(() => (out.bytesWritten === size ? resolve() : reject(new Error(`${path}: ${out.bytesWritten} of ${size} bytes`))));
          }),
      };
    },
  };
}

async function pack(): Promise<void> {
  const at = join(folder, 'case');
  const spec = { annotations: { 'io.kubernetes.cri.container-name': 'the-frozen-one' }, mounts: [] };
  const config = {
    id: 'c'.repeat(64),
    name: 'the-frozen-one',
    rootfsImageName: 'busybox',
    runtime: 'runc',
    createdTime: '2026-01-01T00:00:00Z',
  };
  await writeFile(join(at, 'spec.dump'), JSON.stringify(spec));
  await writeFile(join(at, 'config.dump'), JSON.stringify(config));
  const stats = { freezingUs: 1000, frozenUs: 2000, memdumpUs: 0, memwriteUs: 0, pagesScanned: 1, pagesWritten: 1 };
  await writeFile(join(at, 'stats-dump'), encodeStatsDump(stats));
  // A page map comes before its pages, as the capture wrote them.
  const names = (await readdir(join(at, 'checkpoint'))).sort().map((name) => `checkpoint/${name}`);
  const all = ['config.dump', 'spec.dump', 'stats-dump', 'checkpoint', ...names];
  await execute('tar', ['-cf', tar(), '--no-recursion', '-C', at, ...all]);
}

type Skip = (note: string) => never;

async function checkpointctl(skip: Skip, command: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(await have('checkpointctl', skip), [command, ...args, tar()]);
  return stdout;
}

async function have(tool: Tool, skip: Skip): Promise<string> {
  const found = await findTool(tool);
  return 'path' in found ? found.path : skip(found.missing);
}

async function missing(tool: Tool): Promise<string> {
  const found = await findTool(tool);
  return 'missing' in found ? found.missing : `${tool} did not compile it`;
}
