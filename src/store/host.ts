import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

/** What tells one process from another, also after its pid was given to the next one. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's (`/proc/PID/stat`, field 22); null where that is not told. */
  readonly startTicks: number | null;
  readonly bootId: string | null;
  readonly pidNamespace: string | null;
  readonly hostname: string;
}

export interface Host {
  self(): ProcessIdentity;
  /** Null when there is no such process or it cannot be read. */
  startTicks(pid: number): number | null;
  exists(pid: number): boolean;
  /** Ms since the machine's start: the same for all its processes, and not moved by setting the clock. */
  uptimeMs(): number;
}

export function thisHost(): Host {
  return {
    self: () => ({
      pid: process.pid,
      startTicks: startTicks('self'),
      bootId: read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
      pidNamespace: read(() => readlinkSync('/proc/self/ns/pid')),
      hostname: hostname(),
    }),
    startTicks,
    exists,
    uptimeMs: () => Math.round(uptime() * 1000),
  };
}

function startTicks(pid: number | 'self'): number | null {
  const fields = statOf(pid);
  return fields === null || hasEnded(fields) ? null : Number(fields[19]);
}

function exists(pid: number): boolean {
  const fields = statOf(pid);
  if (fields !== null) return !hasEnded(fields);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The fields of `/proc/PID/stat` from the third on: the second is the command in brackets, which may hold anything, so count from its end. */
function statOf(pid: number | 'self'): readonly string[] | null {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A zombie has ended; only its parent has not looked yet. */
function hasEnded([state]: readonly string[]): boolean {
  return state === 'Z' || state === 'X';
}

function read<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
