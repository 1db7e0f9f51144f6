import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EvidenceSink } from '../../domain/evidence.ts';
import type { ProcessRef } from '../records.ts';

export const page = 4096;

export interface FakeMapping {
  /** Number of its first page. */
  readonly first: number;
  /** `0`: not there, `p`: present, `s`: swapped, `g`: a guard; a letter a page. */
  readonly pages: string;
  readonly flags?: string;
  readonly offset?: number;
  readonly inode?: number;
  readonly path?: string;
}

export interface FakeProcess {
  readonly hostPid: number;
  readonly pid?: number;
  readonly ppid?: number;
  readonly comm?: string;
  readonly state?: string;
  /** Threads beside the leader; they are in the same state unless it is said. */
  readonly threads?: readonly { readonly tid: number; readonly state?: string; readonly syscall?: string }[];
  readonly mappings?: readonly FakeMapping[];
  /** Bytes of `mem`; beyond it nothing is read, as of a process that has ended. (Default: all of it.) */
  readonly memoryBytes?: number;
}

/** A page's content: its number, over and over. */
export function pageOf(number: number): Buffer {
  const content = Buffer.alloc(page);
  for (let at = 0; at < page; at += 4) content.writeUInt32LE(number, at);
  return content;
}

/** A folder like /proc, with processes that say what a test wants them to. */
export function fakeProc(processes: readonly FakeProcess[]) {
  const proc = mkdtempSync(join(tmpdir(), 'pitwall-proc-'));
  for (const one of processes) writeProcess(proc, one);
  return {
    proc,
    refs: processes.map(({ hostPid, pid = hostPid, ppid = 0, comm = 'program' }): ProcessRef => ({ hostPid, pid, ppid, comm })),
    [Symbol.dispose]: () => rmSync(proc, { recursive: true }),
  };
}

function writeProcess(proc: string, one: FakeProcess): void {
  const { hostPid, pid = hostPid, ppid = 0, comm = 'program', state = 'S', threads = [], mappings = [] } = one;
  const folder = join(proc, String(hostPid));
  const tasks = [{ tid: hostPid, state, syscall: '34 0x1 0x2 0x3 0x4 0x5 0x6 0x7ffc00001000 0x401234\n' }, ...threads];
  for (const { tid, state: own = state, syscall = 'running\n' } of tasks) {
    const task = join(folder, 'task', String(tid));
    mkdirSync(task, { recursive: true });
    writeFileSync(join(task, 'stat'), stat(tid, comm, own, ppid), 'latin1');
    writeFileSync(
      join(task, 'status'),
      `Name:\t${comm}\nNSpid:\t${tid}\t${tid === hostPid ? pid : tid}\nSigPnd:\t0000000000000000\nSigBlk:\t0000000000000001\n`,
    );
    writeFileSync(join(task, 'syscall'), syscall);
    if (own !== 'Z') writeMemory(task, mappings, one.memoryBytes);
  }
  writeFileSync(join(folder, 'stat'), stat(hostPid, comm, state, ppid), 'latin1');
  writeFileSync(
    join(folder, 'status'),
    `Name:\tx\nUid:\t0\t0\nGid:\t0\t0\nNSpgid:\t${hostPid}\t${pid}\nNSsid:\t${hostPid}\t${pid}\nVmRSS:\t8 kB\n`,
  );
  if (state === 'Z') writeFileSync(join(folder, 'maps'), '');
  else writeMemory(folder, mappings, one.memoryBytes);
}

function writeMemory(folder: string, mappings: readonly FakeMapping[], memoryBytes = Number.POSITIVE_INFINITY): void {
  const hex = (number: number) => (number * page).toString(16);
  const lines = mappings.map(
    ({ first, pages, flags = 'rw-p', offset = 0, inode = 0, path = '' }) =>
      `${hex(first)}-${hex(first + pages.length)} ${flags} ${hex(offset)} 00:01 ${inode} ${path}\n`,
  );
  writeFileSync(join(folder, 'maps'), lines.join(''), 'latin1');
  writeFileSync(join(folder, 'auxv'), Buffer.alloc(16));
  writeFileSync(join(folder, 'cmdline'), 'program\0one\0');
  symlinkSync('/bin/program', join(folder, 'exe'));
  const [pagemap, memory] = [openSync(join(folder, 'pagemap'), 'w'), openSync(join(folder, 'mem'), 'w')];
  for (const { first, pages } of mappings) {
    for (const [index, letter] of pages.split('').entries()) {
      const word = Buffer.alloc(8);
      word.writeUInt32LE({ p: 0x8000_0000, s: 0x4000_0000, g: 0x4400_0000 }[letter] ?? 0, 4);
      writeSync(pagemap, word, 0, 8, (first + index) * 8);
      if ((letter === 'p' || letter === 's') && (first + index + 1) * page <= memoryBytes)
        writeSync(memory, pageOf(first + index), 0, page, (first + index) * page);
    }
  }
  closeSync(pagemap);
  closeSync(memory);
}

function stat(pid: number, comm: string, state: string, ppid: number): string {
  return `${pid} (${comm}) ${state} ${ppid} ${Array.from({ length: 48 }, () => '0').join(' ')}\n`;
}

/** Keeps what is written, and sees that one file is open at a time and that each is as long as was said. */
export function memorySink(): EvidenceSink & { readonly files: Map<string, Buffer> } {
  const files = new Map<string, Buffer>();
  let open: string | null = null;
  return {
    files,
    async file(path, size) {
      if (open !== null) throw new Error(`${open} is still open`);
      if (files.has(path)) throw new Error(`${path} is there already`);
      open = path;
      const chunks: Buffer[] = [];
      return {
        async write(chunk) {
          chunks.push(Buffer.from(chunk));
        },
        async close() {
          const content = Buffer.concat(chunks);
          if (content.length !== size) throw new Error(`${path}: ${content.length} of ${size} bytes`);
          files.set(path, content);
          open = null;
        },
      };
    },
  };
}
