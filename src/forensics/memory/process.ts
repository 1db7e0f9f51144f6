import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessRef } from '../records.ts';
import { parseMaps, type Vma } from './maps.ts';
import { isGone, parseFields, readStart, readText } from './read.ts';
import { parseRegisters, type Registers } from './registers.ts';

/** What a core and CRIU's images say of a process besides its pages. */
export interface ProcessFacts {
  readonly ref: ProcessRef;
  /**
   * Where its memory is read: `/proc/PID`, or `/proc/PID/task/TID` of a thread that lives on when the first thread has ended: the memory
   * can then be seen there alone. Null when it has none: a zombie, a kernel thread.
   */
  readonly view: string | null;
  /** The letter of proc(5). */
  readonly state: string;
  /** Its characters are bytes. */
  readonly comm: string;
  /** In its own PID namespace; 0 when it is outside. */
  readonly group: number;
  readonly session: number;
  readonly uid: number;
  readonly gid: number;
  /** As ps shows them, at most 79 bytes. */
  readonly arguments: string;
  /** proc_pid_stat(5): field 3 is the first. */
  readonly stat: readonly string[];
  readonly auxv: Buffer;
  /** It is of 32 bits. */
  readonly compat: boolean;
  readonly maps: readonly Vma[];
  /** The leader first. */
  readonly threads: readonly ThreadFacts[];
  /** Bytes, as the kernel counts them. */
  readonly resident: number;
}

export interface ThreadFacts {
  /** In its own PID namespace. */
  readonly tid: number;
  readonly comm: string;
  readonly pending: bigint;
  readonly blocked: bigint;
  /** Null: not known. */
  readonly registers: Registers | null;
}

const kernelThread = 0x0020_0000;

/** Throws the system's error when it may not be read. */
export function readProcess(proc: string, ref: ProcessRef): ProcessFacts | null {
  try {
    return read(`${proc}/${ref.hostPid}`, ref);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function read(folder: string, ref: ProcessRef): ProcessFacts {
  const { comm, fields } = parseStat(readText(`${folder}/stat`));
  const status = parseFields(readText(`${folder}/status`));
  const view = (Number(fields[6]) & kernelThread) !== 0 ? null : viewOf(folder, fields[0] ?? '');
  const kilobytes = (name: string) => Number.parseInt(status.get(name) ?? '0', 10) * 1024;
  return {
    ref,
    view,
    state: fields[0] ?? '?',
    comm,
    group: inNamespace(status.get('NSpgid')),
    session: inNamespace(status.get('NSsid')),
    uid: Number.parseInt(status.get('Uid') ?? '0', 10),
    gid: Number.parseInt(status.get('Gid') ?? '0', 10),
    arguments: view === null ? '' : (readStart(`${view}/cmdline`, 79)?.toString('latin1').replaceAll('\0', ' ') ?? ''),
    stat: fields,
    auxv: view === null ? Buffer.alloc(0) : readFileSync(`${view}/auxv`),
    compat: view !== null && readStart(`${view}/exe`, 5)?.[4] === 1,
    maps: view === null ? [] : parseMaps(readText(`${view}/maps`)),
    threads: readThreads(folder, ref),
    resident: view === null ? 0 : kilobytes('VmRSS') + kilobytes('VmSwap'),
  };
}

/** `PID (COMM) STATE …`: the name may hold anything, `) R 1` included, so it ends at the last bracket. */
export function parseStat(text: string): { readonly comm: string; readonly fields: string[] } {
  const end = text.lastIndexOf(')');
  return {
    comm: text.slice(text.indexOf('(') + 1, end),
    fields: text
      .slice(end + 2)
      .trimEnd()
      .split(' '),
  };
}

function viewOf(folder: string, state: string): string | null {
  if (!ended(state)) return folder;
  for (const tid of readdirSync(`${folder}/task`)) {
    const stat = tryText(`${folder}/task/${tid}/stat`);
    if (stat !== null && !ended(parseStat(stat).fields[0] ?? '')) return `${folder}/task/${tid}`;
  }
  return null;
}

function readThreads(folder: string, { hostPid, pid }: ProcessRef): ThreadFacts[] {
  const tids = readdirSync(`${folder}/task`)
    .map(Number)
    .sort((a, b) => Number(b === hostPid) - Number(a === hostPid) || a - b);
  const all = tids.flatMap((host) => {
    const task = `${folder}/task/${host}`;
    const stat = tryText(`${task}/stat`);
    const status = tryText(`${task}/status`);
    if (stat === null || status === null) return [];
    const { comm, fields } = parseStat(stat);
    const named = parseFields(status);
    const mask = (name: string) => BigInt(`0x${named.get(name) ?? '0'}`);
    const syscall = ended(fields[0] ?? '') ? null : tryText(`${task}/syscall`);
    const thread: ThreadFacts = {
      tid: host === hostPid ? pid : inNamespace(named.get('NSpid')) || host,
      comm,
      pending: mask('SigPnd'),
      blocked: mask('SigBlk'),
      registers: syscall === null ? null : parseRegisters(syscall),
    };
    return [{ thread, ended: ended(fields[0] ?? '') }];
  });
  const living = all.filter((each) => !each.ended);
  return (living.length > 0 ? living : all).map(({ thread }) => thread);
}

function ended(state: string): boolean {
  return state === 'Z' || state === 'X' || state === 'x';
}

/** Of `NSpid:\t4242\t7`, the last: the number where the process lives. */
function inNamespace(line: string | undefined): number {
  return Number(line?.split('\t').at(-1) ?? 0);
}

/** Null when the thread has ended, or keeps it from us. */
function tryText(path: string): string | null {
  try {
    return readText(path);
  } catch {
    return null;
  }
}
