/**
 * Sends SIGKILL to every process of one container, found by their control group. Runs in Pitwall itself, and as a module of the helper
 * image, so it leans on Node alone.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface Ended {
  /** How many were sent the signal. */
  readonly signalled: number;
  /** The first process of the PID namespace was seen: nobody in the namespace can end that one. */
  readonly sawInit: boolean;
  /** Numbers of those that could not be, with the reason. */
  readonly failed: readonly string[];
}

/**
 * While they are frozen none of them can fork or end, so one look finds them all; the signal waits for the moment they are thawed, and
 * then no instruction of theirs runs (cgroup v1), or ends them at once (v2). Each is known by its number and its start time, read right
 * before; one whose control group does not name the container is never touched.
 */
export function endProcesses(containerId: string, proc = '/proc'): Ended {
  if (!/^[0-9a-f]{64}$/.test(containerId)) throw new Error(`${containerId} is not the whole id of a container`);
  let signalled = 0;
  let sawInit = false;
  const failed: string[] = [];
  for (const entry of readdirSync(proc)) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) continue;
    const first = startTicks(proc, pid);
    if (first === null || !belongsTo(proc, pid, containerId)) continue;
    if (pid === 1) {
      sawInit = true;
      continue;
    }
    if (startTicks(proc, pid) !== first) continue;
    try {
      process.kill(pid, 'SIGKILL');
      signalled++;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ESRCH') failed.push(`${pid} (${code})`);
    }
  }
  return { signalled, sawInit, failed };
}

/** As a module of the helper image: prints what came of it as one line of JSON. */
export function run([containerId = '']: readonly string[]): Promise<number> {
  process.stdout.write(`${JSON.stringify(endProcesses(containerId))}\n`);
  return Promise.resolve(0);
}

export function belongsTo(proc: string, pid: number, containerId: string): boolean {
  return read(`${proc}/${pid}/cgroup`)?.includes(containerId) ?? false;
}

/** Clock ticks since boot: with the number it is one process and no other. Null when there is none. */
function startTicks(proc: string, pid: number): string | null {
  const stat = read(`${proc}/${pid}/stat`);
  // the name is in brackets and may have any character
  return stat === null ? null : (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
