/** Reads files as a container's own processes see them, through /proc. Leans on Node and on our own files alone: helpers run it. */
import { closeSync, readdirSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { openPath } from '../../../forensics/collect/open-path.ts';
import { handleOf, openRegular, pathOf, readFully } from '../../../forensics/collect/safe-open.ts';
import { type MountView, mountViews } from '../../../forensics/collect/views.ts';
import { findProcesses } from '../../../forensics/proc/processes.ts';

export interface InsideRequest {
  /** 64 hexadecimal digits. */
  readonly containerId: string;
  /** Absolute files and folders. */
  readonly paths: readonly string[];
}

export interface InsideFiles {
  readonly files: readonly { readonly path: string; readonly base64: string }[];
  readonly unread: readonly string[];
}

const proc = '/proc';
const mostFileBytes = 256 * 1024;
const mostFiles = 200;
const mostDepth = 8;
const mostLinks = 16;

/** What is not there is no file; what may not be looked at is told in `unread`. */
export function readInside({ containerId, paths }: InsideRequest): InsideFiles {
  const processes = findProcesses(proc, containerId);
  const views = mountViews({ proc, containerId, volumes: [], processes });
  if (views.length === 0) return { files: [], unread: paths.map((path) => `${path}: no process of its could be seen`) };
  const found = new Map<string, string>();
  const unread: string[] = [];
  for (const path of paths) {
    try {
      const at = resolved(views, path);
      if (at !== null) read(views, at, path, { found, unread }, 0);
    } catch (error) {
      unread.push(`${path}: ${(error as NodeJS.ErrnoException).code ?? 'it could not be opened'}`);
    }
  }
  return { files: [...found].map(([path, base64]) => ({ path, base64 })), unread };
}

interface Found {
  readonly found: Map<string, string>;
  readonly unread: string[];
}

/** `at` without links on the way; `name` is what it was asked for as. */
function read(views: readonly MountView[], at: string, name: string, into: Found, depth: number): void {
  const handle = openPath(proc, views, raw(at));
  if (handle === null) {
    into.unread.push(`${name}: it may not be opened`);
    return;
  }
  try {
    const names = namesIn(handle);
    if (names === null) readFile(handle, name, into);
    else if (depth >= mostDepth) into.unread.push(`${name}: it lies too deep`);
    else {
      for (const one of names) {
        const link = linkIn(handle, one);
        if (link === null) read(views, posix.join(at, one), posix.join(name, one), into, depth + 1);
        else if (link !== 'none' && !posix.resolve(at, link.to).startsWith(`${at}/`))
          into.unread.push(`${posix.join(name, one)}: it leads out of ${name}`);
      }
    }
  } finally {
    closeSync(handle);
  }
}

/** Null when it is no folder. */
function namesIn(handle: number): string[] | null {
  try {
    closeSync(handleOf(`${pathOf(handle)}/.`, { folder: true }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw error;
  }
  return readdirSync(pathOf(handle));
}

function readFile(handle: number, name: string, { found, unread }: Found): void {
  const opened = openRegular(handle);
  if (opened === null) return;
  try {
    if (opened.stat.size > mostFileBytes) unread.push(`${name}: it is over ${mostFileBytes / 1024} KiB`);
    else if (found.size >= mostFiles) unread.push(`${name}: there are more than ${mostFiles} files`);
    else {
      const buffer = Buffer.alloc(mostFileBytes);
      found.set(name, buffer.subarray(0, readFully(opened.fd, buffer, mostFileBytes, 0)).toString('base64'));
    }
  } finally {
    closeSync(opened.fd);
  }
}

/** The path with its links followed in the container's own root; null when there is no such thing. */
function resolved(views: readonly MountView[], path: string): string | null {
  let rest = path.split('/').filter(Boolean);
  let at = '/';
  for (let links = 0; rest.length > 0; ) {
    const [name = '', ...after] = rest;
    const folder = openPath(proc, views, raw(at));
    if (folder === null) throw new Error('a folder on the way may not be opened');
    const target = linkIn(folder, name);
    closeSync(folder);
    if (target === 'none') return null;
    if (target === null) {
      at = posix.join(at, name);
      rest = after;
    } else if (++links > mostLinks) throw new Error('its links lead round and round');
    else {
      rest = [...posix.resolve(at, target.to).split('/').filter(Boolean), ...after];
      at = '/';
    }
  }
  return at;
}

/** Null when it is no link. */
function linkIn(folder: number, name: string): { readonly to: string } | 'none' | null {
  try {
    return { to: readlinkSync(pathOf(folder, name)) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EINVAL') return null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'none';
    throw error;
  }
}

/** As the kernel has it, one character a byte. */
function raw(path: string): string {
  return Buffer.from(path).toString('latin1');
}
