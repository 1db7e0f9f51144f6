import { closeSync, lstatSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { isKernels, type Vma } from './maps.ts';
import type { Once } from './once.ts';
import { parseFields } from './read.ts';
import { createRuns, type Runs } from './runs.ts';

export interface ScanOptions {
  /** The process's folder in /proc. */
  readonly view: string;
  readonly pageSize: number;
  /** Which pages of a shared mapping are new; null: all of them. */
  readonly shared: (vma: Vma) => Once | null;
  readonly signal: AbortSignal;
}

/** Bytes of the page map that are read at once: 512 MiB of memory. */
const chunk = 1 << 20;
/** Below this a read is done at once, without a turn through Node's threads. */
const small = 1 << 16;
/** A mapping longer than this is looked up in `smaps`, for its page map has 8 bytes for each page that is not there, too. */
const long = 2 ** 34;
/** Bits 62 and 63 of a page's word, in its upper half: swapped, present (Documentation/admin-guide/mm/pagemap.rst). */
const there = 2 ** 30;
/** Bit 58: not a page, but a trap that a thread library puts below a stack. */
const guard = 1 << 26;

/**
 * The pages of a process that are present or swapped, by mapping, ascending. Only the page map is read: a page that is not there is never
 * touched, which would bring it about, or wake who waits for that (userfaultfd).
 *
 * Throws the system's error when it may not be read.
 */
export async function scanPages(maps: readonly Vma[], options: ScanOptions): Promise<Runs> {
  const { view, signal } = options;
  const runs = createRuns();
  const wanted = maps.filter((vma) => !isKernels(vma) && !isDevice(vma, view));
  const empty = wanted.some(isLong) ? emptyMappings(`${view}/smaps`) : new Set<number>();
  const fd = openSync(`${view}/pagemap`, 'r');
  try {
    const buffer = new ArrayBuffer(chunk);
    for (const vma of wanted) {
      // A debugger reads it as the file that it is, so all of it: a few pages of the kernel's, that set off nothing when they are touched.
      if (vma.path === '[vdso]' && vma.inode === 0) runs.push(vma.start / options.pageSize, (vma.end - vma.start) / options.pageSize);
      else if (!empty.has(vma.start)) await scanMapping(vma, fd, buffer, runs, options);
      signal.throwIfAborted();
    }
  } finally {
    closeSync(fd);
  }
  return runs;
}

async function scanMapping(vma: Vma, fd: number, buffer: ArrayBuffer, runs: Runs, options: ScanOptions): Promise<void> {
  const { pageSize, shared, signal } = options;
  const words = new Uint32Array(buffer);
  const once = shared(vma);
  const [first, end] = [vma.start / pageSize, vma.end / pageSize];
  const filePage = vma.offset / pageSize - first;
  let open = -1;
  const close = (page: number) => {
    if (open >= 0) runs.push(open, page - open);
    open = -1;
  };
  for (let page = first; page < end; ) {
    const bytes = await readWords(fd, new Uint8Array(buffer, 0, Math.min(chunk, (end - page) * 8)), page * 8);
    signal.throwIfAborted();
    const count = Math.floor(bytes / 8);
    if (count === 0) break;
    for (let i = 0; i < count; i++) {
      // Only upper halves; what is not there is passed over as fast as it goes, for there may be 2^28 of it.
      if (open < 0) while (i < count && (words[2 * i + 1] ?? 0) < there) i++;
      if (i === count) break;
      const high = words[2 * i + 1] ?? 0;
      if (high < there || (high & guard) !== 0 || once?.take(filePage + page + i) === false) close(page + i);
      else if (open < 0) open = page + i;
    }
    page += count;
    if (page >= end) break;
  }
  close(end);
}

const readAsync = promisify(read);

async function readWords(fd: number, into: Uint8Array, position: number): Promise<number> {
  if (into.length <= small) return readSync(fd, into, 0, into.length, position);
  return (await readAsync(fd, into, 0, into.length, position)).bytesRead;
}

function isLong({ start, end }: Vma): boolean {
  return end - start >= long;
}

/**
 * The memory of a device: reading it may do something to the device. A file that a process has put into its /dev is not one, so the name
 * alone does not tell.
 */
function isDevice({ path, inode }: Vma, view: string): boolean {
  if (inode === 0 || !path.startsWith('/dev/') || path.startsWith('/dev/zero')) return false;
  try {
    const found = lstatSync(Buffer.from(`${view}/root${path}`, 'latin1'));
    return found.isCharacterDevice() && found.ino === inode;
  } catch {
    return false;
  }
}

/** Starts of the mappings that have no page at all. */
function emptyMappings(path: string): Set<number> {
  const empty = new Set<number>();
  let start: number | null = null;
  let lines: string[] = [];
  const end = () => {
    if (start !== null && !hasPages(lines.join('\n'))) empty.add(start);
    lines = [];
  };
  for (const line of linesOf(path)) {
    const head = /^([0-9a-f]+)-[0-9a-f]+ /.exec(line);
    if (head === null) lines.push(line);
    else {
      end();
      start = Number.parseInt(head[1] ?? '', 16);
    }
  }
  end();
  return empty;
}

function hasPages(text: string): boolean {
  const fields = parseFields(text);
  const names = ['Rss', 'Swap', 'Shared_Hugetlb', 'Private_Hugetlb'];
  // Not a number when the kernel has no such line: then nothing is known.
  return names.some((name) => Number.parseInt(fields.get(name) ?? '', 10) !== 0);
}

/** By pieces: for 65,530 mappings it is 50 MB. */
function* linesOf(path: string): Generator<string> {
  const fd = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(small);
    let rest = '';
    for (let bytes = readSync(fd, piece); bytes > 0; bytes = readSync(fd, piece)) {
      const lines = (rest + piece.toString('latin1', 0, bytes)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(fd);
  }
}
