import { readdirSync } from 'node:fs';
import type { ProcessRef } from '../records.ts';
import { shown } from './raw.ts';
import { readProcNow } from './read.ts';
import { type ProcessStatus, parseStatus } from './status.ts';

/**
 * Every process whose control group names the container, by its number: with the host's process namespace, with one that it shares, in
 * nested groups, and from a helper's view too (`0::/../ID`). Pitwall's own helper has a group of its own, so it is not among them.
 */
export function findProcesses(proc: string, containerId: string): ProcessRef[] {
  if (!/^[0-9a-f]{64}$/.test(containerId)) throw new Error(`${containerId} is not the whole id of a container`);
  const found = new Map<number, ProcessStatus>();
  for (const name of readdirSync(proc)) {
    if (!/^\d+$/.test(name)) continue;
    if (readProcNow(`${proc}/${name}/cgroup`)?.includes(containerId) !== true) continue;
    const status = readProcNow(`${proc}/${name}/status`);
    // it has ended between the two
    if (status !== null) found.set(Number(name), parseStatus(status));
  }
  return [...found]
    .map(([hostPid, status]) => ({ hostPid, pid: status.nsPids.at(-1) ?? 0, ppid: parentOf(status, found), comm: shown(status.comm) }))
    .sort((a, b) => a.pid - b.pid || a.hostPid - b.hostPid);
}

/** A parent of another depth lives in another namespace, from which the child has no number for it. */
function parentOf({ ppid, nsPids }: ProcessStatus, all: ReadonlyMap<number, ProcessStatus>): number {
  const parent = all.get(ppid);
  return parent !== undefined && parent.nsPids.length === nsPids.length ? (parent.nsPids.at(-1) ?? 0) : 0;
}
