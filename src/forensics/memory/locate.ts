import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { shown } from '../proc/raw.ts';
import { parseMaps, type Vma } from './maps.ts';

/** What an address is part of. Stacks of threads, and what `malloc` maps on its own, are anonymous for the kernel. */
export interface MappedTo {
  readonly kind: 'heap' | 'stack' | 'file' | 'anonymous' | 'kernel';
  /** Of a file, as the process sees it; null otherwise. */
  readonly path: string | null;
  /** Such a page is kept once, with the first process that has it; others may have it, too. */
  readonly shared: boolean;
}

/** A capture copies no more of one. */
const longest = 8 << 20;

/** Looks addresses up in a process's `maps` as the case has it; null where that does not tell. */
export async function addressesOf(folder: string, { pid, hostPid }: { pid: number; hostPid: number | null }) {
  // the second of two with the same number has a folder with both
  const text = (await textOf(join(folder, `files/proc/${pid}-${hostPid}/maps`))) ?? (await textOf(join(folder, `files/proc/${pid}/maps`)));
  const maps = text === null ? [] : parsed(text);
  return (address: string | null): MappedTo | null => {
    const at = Number(address ?? Number.NaN);
    const vma = maps.find(({ start, end }) => start <= at && at < end);
    return vma === undefined ? null : mappedTo(vma);
  };
}

function mappedTo({ path, inode, shared }: Vma): MappedTo {
  if (inode !== 0) return { kind: 'file', path: shown(path), shared };
  const kind = path === '[heap]' ? 'heap' : path === '[stack]' ? 'stack' : path === '[vdso]' ? 'kernel' : 'anonymous';
  return { kind, path: null, shared };
}

/** Of one that was cut, all but the last line. */
function parsed(text: string): Vma[] {
  try {
    return parseMaps(text.slice(0, text.lastIndexOf('\n') + 1));
  } catch {
    return [];
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    await using handle = await open(path, 'r');
    return (await handle.stat()).size > longest ? null : (await handle.readFile()).toString('latin1');
  } catch {
    return null;
  }
}
