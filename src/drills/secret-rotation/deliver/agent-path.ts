import { lstat, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Spot } from './agent-lines.ts';

/** What went wrong, a word: see `Said`. */
export class Fault extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

const mostLinks = 40;

/**
 * The helper's path of a file, links followed as the container would follow them: an absolute one leads from the container's root, and never
 * to the helper's own files. Throws `LEAVES` when it leads out of the base.
 */
export async function pathOf({ base, mountedAt, path }: Pick<Spot, 'base' | 'mountedAt' | 'path'>): Promise<string> {
  const open = path.split('/');
  const walked: string[] = [];
  let links = 0;
  for (let part = open.shift(); part !== undefined; part = open.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      // above the root of a container is its root
      if (walked.pop() === undefined && mountedAt !== '/') throw new Fault('LEAVES');
      continue;
    }
    const stat = await lstatIfThere(join(base, ...walked, part));
    if (stat?.isSymbolicLink() !== true) {
      walked.push(part);
      continue;
    }
    if (++links > mostLinks) throw new Fault('ELOOP');
    const target = await readlink(join(base, ...walked, part));
    if (!target.startsWith('/')) {
      open.unshift(...target.split('/'));
      continue;
    }
    const below = posix.relative(mountedAt, target);
    if (below === '..' || below.startsWith('../')) throw new Fault('LEAVES');
    walked.length = 0;
    open.unshift(...below.split('/'));
  }
  return join(base, ...walked);
}

export async function lstatIfThere(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

export function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
