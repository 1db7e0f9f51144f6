import { readFileSync } from 'node:fs';

/**
 * The id of the container that this process runs in, or null outside one. Docker mounts `/etc/hostname` from a folder that is named
 * by the id (`/proc/self/mountinfo`, proc(5)); this holds for cgroup 1 and 2 alike, and whatever the host name was set to.
 */
export function ownContainerId(mountinfo = readOrEmpty('/proc/self/mountinfo')): string | null {
  const line = mountinfo.split('\n').find((entry) => entry.split(' ')[4] === '/etc/hostname');
  return /\/([0-9a-f]{64})\/hostname(?: |$)/.exec(line ?? '')?.[1] ?? null;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
