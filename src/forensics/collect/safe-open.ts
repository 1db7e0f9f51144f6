import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { parseFdInfo } from '../proc/fdinfo.ts';
import { answersAtOnce } from '../proc/mountinfo.ts';
import { rawBytes } from '../proc/raw.ts';
import { readProcNow } from '../proc/read.ts';
import type { MountView } from './views.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOATIME, O_DIRECTORY } = constants;
/** The same on every architecture that Node runs on (open(2)); Node does not name it. */
const O_PATH = 0x20_0000;

/** A handle that names a thing without opening it: asks neither a device nor a FIFO nor a file system in user space. */
export function handleOf(path: string, { follow = false, folder = false } = {}): number {
  return openSync(rawBytes(path), O_PATH | (follow ? 0 : O_NOFOLLOW) | (folder ? O_DIRECTORY : 0));
}

/** What the kernel calls a handle; relative to it, names are looked up without going over the path again. */
export function pathOf(fd: number, name?: string): string {
  return name === undefined ? `/proc/self/fd/${fd}` : `/proc/self/fd/${fd}/${name}`;
}

/** The mount that a handle is on; without asking its file system. */
export function mountOf(fd: number): number | null {
  return parseFdInfo(readProcNow(`/proc/self/fdinfo/${fd}`) ?? '').mountId;
}

/**
 * Opens a handle's file for reading, when it is a regular one; leaves its access time as it is where the kernel allows that (as root on
 * this host, with CAP_FOWNER in a helper).
 */
export function openRegular(handle: number): { fd: number; stat: Stats } | null {
  const stat = fstatSync(handle);
  if (!stat.isFile()) return null;
  const flags = O_RDONLY | O_NONBLOCK;
  try {
    return { fd: openSync(pathOf(handle), flags | O_NOATIME), stat };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    return { fd: openSync(pathOf(handle), flags), stat };
  }
}

/**
 * Follows one of the kernel's own links (`/proc/PID/exe`, `fd/N`, `map_files/…`) to a regular file. Null when it is none or its file
 * system may not answer; throws when the kernel says no.
 */
export function openLink(path: string, views: readonly MountView[]): { fd: number; stat: Stats; internal: boolean } | null {
  const handle = handleOf(path, { follow: true });
  try {
    const id = mountOf(handle);
    const mount = views.map(({ byId }) => byId.get(id ?? -1)).find((found) => found !== undefined);
    if (mount !== undefined && !answersAtOnce(mount)) return null;
    const opened = openRegular(handle);
    return opened === null ? null : { ...opened, internal: mount === undefined };
  } finally {
    closeSync(handle);
  }
}

/** Reads at `position` until `buffer` is full or the file ends; how much it was. */
export function readFully(fd: number, buffer: Buffer, length: number, position: number): number {
  let read = 0;
  while (read < length) {
    const got = readSync(fd, buffer, read, length - read, position + read);
    if (got === 0) break;
    read += got;
  }
  return read;
}
