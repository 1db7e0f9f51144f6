import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { EvidenceSink } from '../src/domain/evidence.ts';
import { createOutFile } from '../src/forensics/case/out-file.ts';
import { captureMemory } from '../src/forensics/memory/capture.ts';
import { parseMaps } from '../src/forensics/memory/maps.ts';
import { type BenchResult, compared, within } from './result.ts';

const gib = 2 ** 30;
const rounds = 7;
/** 60 % of dd's throughput is 1/0.6 of its time. */
const timeLimit = 1 / 0.6;
const mostMegabytes = 120;

/**
 * The memory of a stopped process of 1 GiB random bytes, captured to a disk, hashed and synced, against dd of that GiB to the same disk,
 * synced too. Ours captures the rest of the process as well, so both are ms for a GiB. Own memory: the most that was resident, above what
 * was before.
 */
export async function bench(): Promise<BenchResult[]> {
  // Not /tmp, which may be memory.
  const folder = mkdtempSync(join(process.cwd(), '.bench-memory-'));
  const target = await start();
  try {
    const range = bigRange(target);
    const times: { ours: number; baseline: number }[] = [];
    const grown: number[] = [];
    // The first one of each finds the disk and the code cold.
    await capture(target, folder);
    await dd(target, range, folder);
    for (let round = 0; round < rounds; round++) {
      const baselineFirst = round % 2 === 0;
      const before = baselineFirst ? await dd(target, range, folder) : 0;
      const { ms, grownMegabytes } = await capture(target, folder);
      times.push({ ours: ms, baseline: baselineFirst ? before : await dd(target, range, folder) });
      grown.push(grownMegabytes);
    }
    return [
      compared('capture of 1 GiB of memory to the disk, against dd conv=fsync', 'ms/GiB', Number(timeLimit.toFixed(2)), times),
      within('own memory while it captures 1 GiB', 'MB', mostMegabytes, grown),
    ];
  } finally {
    target.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start(): Promise<ChildProcess> {
  const script = `const { randomFillSync } = require('node:crypto'); const all = Buffer.allocUnsafeSlow(${gib});
    for (let at = 0; at < all.length; at += 1 << 24) randomFillSync(all, at, 1 << 24);
    process.stdout.write('ready'); setInterval(() => all[0], 1 << 30);`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  child.kill('SIGSTOP');
  while (!isStopped(child)) await sleep(10);
  return child;
}

/** All of its threads. */
function isStopped({ pid }: ChildProcess): boolean {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).every((tid) => / T /.test(readFileSync(`${tasks}/${tid}/stat`, 'latin1')));
}

interface Range {
  readonly start: number;
  readonly bytes: number;
}

function bigRange({ pid }: ChildProcess): Range {
  const found = parseMaps(readFileSync(`/proc/${pid}/maps`, 'latin1')).find(({ start, end, write }) => write && end - start >= gib);
  if (found === undefined) throw new Error('the process has no mapping of 1 GiB');
  return { start: found.start, bytes: found.end - found.start };
}

async function dd({ pid }: ChildProcess, { start: from, bytes }: Range, folder: string): Promise<number> {
  const out = join(folder, 'dd');
  const begun = performance.now();
  await promisify(execFile)('dd', [
    `if=/proc/${pid}/mem`,
    `of=${out}`,
    'bs=4M',
    'conv=fsync',
    'iflag=skip_bytes,count_bytes',
    `skip=${from}`,
    `count=${bytes}`,
  ]);
  const ms = performance.now() - begun;
  rmSync(out);
  return (ms * gib) / bytes;
}

async function capture({ pid = 0 }: ChildProcess, folder: string): Promise<{ readonly ms: number; readonly grownMegabytes: number }> {
  // The kernel begins anew to note the most that is resident (proc_pid_clear_refs(5)).
  writeFileSync('/proc/self/clear_refs', '5');
  const before = status('VmRSS');
  const path = join(folder, 'capture');
  const begun = performance.now();
  const out = await createOutFile(path);
  const sink: EvidenceSink = { file: async () => ({ write: (chunk) => out.write(chunk), close: async () => {} }) };
  const result = await captureMemory([{ hostPid: pid, pid, ppid: 0, comm: 'bench' }], {
    proc: '/proc',
    sink,
    signal: new AbortController().signal,
  });
  await out.sync();
  const ms = performance.now() - begun;
  await out.close();
  rmSync(path);
  if (result.state !== 'captured' || result.bytes < gib) throw new Error(`captured ${result.bytes} bytes: ${result.reason}`);
  return { ms: (ms * gib) / result.bytes, grownMegabytes: status('VmHWM') - before };
}

function status(name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
