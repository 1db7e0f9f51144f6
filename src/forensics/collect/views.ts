import { readlinkSync } from 'node:fs';
import { type Mount, parseMountinfo } from '../proc/mountinfo.ts';
import { readProcNow } from '../proc/read.ts';
import { parseStartTicks } from '../proc/status.ts';
import type { ProcessRef } from '../records.ts';
import type { CollectScope } from './request.ts';

/** The mounts as some of the processes see them. */
export interface MountView {
  /** One that sees it so; its number in the /proc that is read. */
  readonly hostPid: number;
  readonly mounts: readonly Mount[];
  readonly byId: ReadonlyMap<number, Mount>;
  /** By path, the one on top. */
  readonly top: ReadonlyMap<string, Mount>;
}

/** One for each mount namespace and root folder, that of the oldest process first: the container's own. */
export function mountViews({ proc, processes }: CollectScope): MountView[] {
  const found = new Map<string, MountView>();
  for (const { hostPid } of oldestFirst(proc, processes)) {
    const key = `${link(`${proc}/${hostPid}/ns/mnt`)} ${link(`${proc}/${hostPid}/root`)}`;
    if (found.has(key)) continue;
    const mounts = parseMountinfo(readProcNow(`${proc}/${hostPid}/mountinfo`) ?? '');
    // a zombie has none
    if (mounts.length === 0) continue;
    const byId = new Map(mounts.map((mount) => [mount.id, mount]));
    found.set(key, { hostPid, mounts, byId, top: new Map(mounts.map((mount) => [mount.path, mount])) });
  }
  return [...found.values()];
}

/** By the time of their start: the first is the container's own, those of `exec` come after it. */
export function oldestFirst(proc: string, processes: readonly ProcessRef[]): ProcessRef[] {
  const start = new Map(processes.map(({ hostPid }) => [hostPid, parseStartTicks(readProcNow(`${proc}/${hostPid}/stat`) ?? '')]));
  return [...processes].sort((a, b) => (start.get(a.hostPid) ?? 0) - (start.get(b.hostPid) ?? 0) || a.hostPid - b.hostPid);
}

/** Raw; empty when there is none. */
export function link(path: string): string {
  try {
    return readlinkSync(path, 'latin1');
  } catch {
    return '';
  }
}
