import { closeSync, fstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { parseFdInfo } from '../proc/fdinfo.ts';
import { answersAtOnce } from '../proc/mountinfo.ts';
import { shown } from '../proc/raw.ts';
import { readProcNow } from '../proc/read.ts';
import type { OpenFileRecord, ProcessRef } from '../records.ts';
import { deletedMark } from './deleted-mark.ts';
import { openPath } from './open-path.ts';
import { link, type MountView } from './views.ts';
import { breathe } from './write.ts';

/** The open files of one process, `limit` at the most. */
export async function openFilesOf(
  proc: string,
  { hostPid, pid }: ProcessRef,
  views: readonly MountView[],
  limit: number,
): Promise<OpenFileRecord[]> {
  const found: OpenFileRecord[] = [];
  for (const fd of fdsOf(proc, hostPid).slice(0, Math.max(0, limit))) {
    const path = `${proc}/${hostPid}/fd/${fd}`;
    const target = link(path);
    const info = parseFdInfo(readProcNow(`${proc}/${hostPid}/fdinfo/${fd}`) ?? '');
    const stat = mayStat(target, info.mountId, views) ? statOf(path) : null;
    found.push({
      pid,
      fd,
      target: shown(target),
      kind: kindOf(target, stat),
      deleted: target.endsWith(deletedMark) && !isNamedSo(proc, target, stat, views),
      inode: stat?.ino ?? info.inode ?? numbered(target),
      size: stat?.isFile() === true ? stat.size : null,
      flags: info.flags,
      position: info.position,
    });
    if (found.length % 256 === 0) await breathe();
  }
  return found;
}

export function fdsOf(proc: string, hostPid: number): number[] {
  try {
    return readdirSync(`${proc}/${hostPid}/fd`)
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}

/** Sockets, pipes and memfds are on mounts of the kernel that no process sees; of those that one sees, FUSE and NFS may never answer. */
export function mayStat(target: string, mountId: number | null, views: readonly MountView[]): boolean {
  const mount = views.map(({ byId }) => byId.get(mountId ?? -1)).find((known) => known !== undefined);
  return mount === undefined ? !target.startsWith('/') || target.startsWith('/memfd:') : answersAtOnce(mount);
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** A file may really be called `x (deleted)`: then it is there, under that name. */
export function isNamedSo(proc: string, target: string, stat: Stats | null, views: readonly MountView[]): boolean {
  if (stat === null || stat.nlink === 0) return false;
  const handle = openPath(proc, views, target);
  if (handle === null) return false;
  try {
    const there = fstatSync(handle);
    return there.ino === stat.ino && there.dev === stat.dev;
  } finally {
    closeSync(handle);
  }
}

function kindOf(target: string, stat: Stats | null): OpenFileRecord['kind'] {
  if (target.startsWith('socket:[')) return 'socket';
  if (target.startsWith('pipe:[')) return 'pipe';
  if (target.startsWith('/memfd:') && (stat === null || stat.nlink === 0)) return 'memfd';
  if (!target.startsWith('/') || stat === null) return 'other';
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isFIFO()) return 'pipe';
  return stat.isCharacterDevice() || stat.isBlockDevice() ? 'device' : 'other';
}

/** `socket:[123]` says its own inode. */
function numbered(target: string): number | null {
  const number = /^\w+:\[(\d+)\]$/.exec(target)?.[1];
  return number === undefined ? null : Number(number);
}
