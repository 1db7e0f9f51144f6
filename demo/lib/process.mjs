import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A process named so that a reused process id is not mistaken for it.
 * @typedef {{ pid: number, start: string }} ProcessId  `start`: clock ticks since boot and the boot's id; empty where /proc is missing
 */

/** @returns {ProcessId} */
export function identify(pid) {
  return { pid, start: startOf(pid) };
}

/** @param {ProcessId | undefined} id */
export function isAlive(id) {
  if (!id) return false;
  try {
    process.kill(id.pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return startOf(id.pid) === id.start;
}

/**
 * SIGTERM, then SIGKILL when it has not ended after `grace` milliseconds. Nothing happens when it is not that process any more.
 * @param {ProcessId | undefined} id
 */
export async function endProcess(id, grace = 10_000) {
  for (const [signal, patience] of [
    ['SIGTERM', grace],
    ['SIGKILL', 5_000],
  ]) {
    if (!isAlive(id)) return;
    process.kill(id.pid, signal);
    const end = Date.now() + patience;
    while (isAlive(id) && Date.now() < end) await sleep(50);
  }
}

function startOf(pid) {
  try {
    // The second field is the program's name in brackets and may hold anything, so count from its end; a zombie has ended.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return 'ended';
    return `${fields[19]}@${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
  } catch {
    return '';
  }
}
