import { lstatSync, opendirSync, readlinkSync } from 'node:fs';
import { rawBytes } from '../proc/raw.ts';
import type { Descent } from './descent.ts';
import { pathOf } from './safe-open.ts';
import type { TarEntry } from './tar.ts';
import { breathe } from './write.ts';

/** What a walk finds. There may be very many, so what can be worked out is not kept. */
export interface Found {
  /** Path of the folder that it is in, relative to the root of the walk. */
  readonly folder: string;
  readonly name: string;
  readonly type: TarEntry['type'];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of the file's content. */
  readonly size: number;
  /** Of 512 bytes, allocated. */
  readonly blocks: number;
  readonly inode: number;
  /** ns. */
  readonly mtime: bigint;
  readonly atime: bigint;
  readonly ctime: bigint;
  /** The link's target; the first name of what has several. */
  readonly link: string | undefined;
  readonly rdev: bigint;
}

/** Relative to the root of the walk. */
export function pathIn({ folder, name }: Pick<Found, 'folder' | 'name'>): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** As it comes into an archive, with `size` bytes of content. */
export function asTarEntry(found: Found, size: number): TarEntry {
  const { type, mode, uid, gid, mtime, atime, ctime, link, rdev } = found;
  const times = { mtime: seconds(mtime), atime: seconds(atime), ctime: seconds(ctime) };
  const device = type === 'character' || type === 'block' ? deviceOf(rdev) : undefined;
  return { path: pathIn(found), type, mode, uid, gid, size, times, link, device };
}

const maxDepth = 256;

/**
 * Everything below the root of a descent, each folder before what is in it, in the order of the bytes of the names; the root itself comes
 * first, as `.`. Nothing is opened but folders. `limit` is the most entries; `reasons` says what was not gone into.
 */
export async function walk(descent: Descent, limit: number, signal: AbortSignal): Promise<{ found: Found[]; reasons: string[] }> {
  const found: Found[] = [];
  const reasons = new Set<string>();
  const names = new Map<bigint, string>();
  const root = descent.folder('');
  if (root === null) return { found, reasons: ['its root cannot be opened'] };
  found.push(entryOf('', '.', `${pathOf(root)}/.`, names));
  const pending: string[] = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    signal.throwIfAborted();
    const fd = descent.folder(folder);
    if (fd === null) {
      reasons.add('a folder could not be opened');
      continue;
    }
    const below: string[] = [];
    for (const name of namesIn(fd, limit - found.length, reasons)) {
      const path = pathIn({ folder, name });
      // on another file system: a mount of its own, or left alone
      if (descent.covered(path)) continue;
      try {
        const entry = entryOf(folder, name, pathOf(fd, name), names);
        found.push(entry);
        if (entry.type === 'folder') below.push(path);
      } catch {
        reasons.add('something went away while it was looked at');
      }
      if (found.length % 256 === 0) await breathe();
    }
    if (below.length > 0 && below[0]?.split('/').length === maxDepth) reasons.add(`folders are nested deeper than ${maxDepth}`);
    else pending.push(...below.reverse());
  }
  return { found, reasons: [...reasons] };
}

function namesIn(fd: number, limit: number, reasons: Set<string>): string[] {
  const names: string[] = [];
  const folder = opendirSync(pathOf(fd), { encoding: 'latin1', bufferSize: 1024 });
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
      if (names.length >= limit) {
        reasons.add('there are more entries than the limit');
        break;
      }
      names.push(entry.name);
    }
  } finally {
    folder.closeSync();
  }
  return names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** `names` knows the first name of each file that has several. */
function entryOf(folder: string, name: string, at: string, names: Map<bigint, string>): Found {
  const stat = lstatSync(rawBytes(at), { bigint: true });
  const several = stat.nlink > 1n && !stat.isDirectory();
  const first = several ? names.get(stat.ino) : undefined;
  if (several && first === undefined) names.set(stat.ino, pathIn({ folder, name }));
  const type = first !== undefined ? 'hard-link' : typeOf(stat);
  return {
    folder,
    name,
    type,
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: type === 'file' ? Number(stat.size) : 0,
    blocks: Number(stat.blocks),
    inode: Number(stat.ino),
    mtime: stat.mtimeNs,
    atime: stat.atimeNs,
    ctime: stat.ctimeNs,
    link: first ?? (type === 'symlink' ? readlinkSync(rawBytes(at), 'latin1') : undefined),
    rdev: stat.rdev,
  };
}

/** makedev(3) */
function deviceOf(rdev: bigint): { major: number; minor: number } {
  return {
    major: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)),
    minor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)),
  };
}

export function typeOf(stat: {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isCharacterDevice(): boolean;
  isBlockDevice(): boolean;
  isFIFO(): boolean;
}): Exclude<TarEntry['type'], 'hard-link'> {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'folder';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isCharacterDevice()) return 'character';
  if (stat.isBlockDevice()) return 'block';
  return stat.isFIFO() ? 'fifo' : 'socket';
}

function seconds(ns: bigint): string {
  // pax writes a time before 1970 as a negative decimal, not as seconds below and a positive rest
  const size = ns < 0n ? -ns : ns;
  return `${ns < 0n ? '-' : ''}${size / 1_000_000_000n}.${String(size % 1_000_000_000n).padStart(9, '0')}`;
}
