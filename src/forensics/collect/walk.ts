import { lstatSync, opendirSync, readlinkSync } from 'node:fs';
import { rawBytes } from '../proc/raw.ts';
import type { Descent } from './descent.ts';
import { pathOf } from './safe-open.ts';
import type { TarEntry } from './tar.ts';
import { breathe } from './write.ts';

/** What a walk finds; `size` is the file's own. */
export type Found = TarEntry & {
  /** Of what it is a name, `DEVICE:INODE`. */
  readonly id: string;
  /** Of 512 bytes, allocated. */
  readonly blocks: number;
};

const maxDepth = 256;

/**
 * Everything below the root of a descent, each folder before what is in it, in the order of the bytes of the names; the root itself comes
 * first, as `.`. Nothing is opened but folders. `limit` is the most entries; `reasons` says what was not gone into.
 */
export async function walk(descent: Descent, limit: number, signal: AbortSignal): Promise<{ found: Found[]; reasons: string[] }> {
  const found: Found[] = [];
  const reasons = new Set<string>();
  const names = new Map<string, string>();
  const root = descent.folder('');
  if (root === null) return { found, reasons: ['its root cannot be opened'] };
  found.push(entryOf('.', `${pathOf(root)}/.`, names));
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
      const path = folder === '' ? name : `${folder}/${name}`;
      // on another file system: a mount of its own, or left alone
      if (descent.covered(path)) continue;
      try {
        const entry = entryOf(path, pathOf(fd, name), names);
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
function entryOf(path: string, at: string, names: Map<string, string>): Found {
  const stat = lstatSync(rawBytes(at), { bigint: true });
  const id = `${stat.dev}:${stat.ino}`;
  const first = stat.nlink > 1n && !stat.isDirectory() ? names.get(id) : undefined;
  if (stat.nlink > 1n && first === undefined) names.set(id, path);
  const type = first !== undefined ? 'hard-link' : typeOf(stat);
  return {
    path,
    id,
    type,
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: type === 'file' ? Number(stat.size) : 0,
    blocks: Number(stat.blocks),
    times: { mtime: seconds(stat.mtimeNs), atime: seconds(stat.atimeNs), ctime: seconds(stat.ctimeNs) },
    link: first ?? (type === 'symlink' ? readlinkSync(rawBytes(at), 'latin1') : undefined),
    // makedev(3)
    device:
      type === 'character' || type === 'block'
        ? {
            major: Number(((stat.rdev >> 8n) & 0xfffn) | ((stat.rdev >> 32n) & 0xfffff000n)),
            minor: Number((stat.rdev & 0xffn) | ((stat.rdev >> 12n) & 0xffffff00n)),
          }
        : undefined,
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
