import { closeSync, lstatSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { isKernels, type Vma } from './maps.ts';
import type { Once } from './once.ts';
import { createRuns, type Runs } from './runs.ts';

export interface ScanOptions {
  /** The process's folder in /proc. */
  readonly view: string;
  readonly pageSize: number;
  /** Which pages of a shared mapping are new; null: all of them. */
  readonly shared: (vma: Vma) => Once | null;
  readonly search: SearchBudget;
  readonly signal: AbortSignal;
}

/** How many bytes that are not there a capture still looks at. Without an end, a process could keep it busy by mapping all of its address space. */
export interface SearchBudget {
  left: number;
}

/** 4 TiB, 10 s or so. */
export function createSearchBudget(): SearchBudget {
  return { left: 2 ** 42 };
}

export interface ScanResult {
  readonly runs: Runs;
  /** Bytes of address space that were not looked at, for the budget was used up. */
  readonly unsearched: number;
}

/** Bytes of the page map that are read at once: 512 MiB of memory. */
const chunk = 1 << 20;
/** Below this a read is done at once, without a turn through Node's threads. */
const small = 1 << 16;
/** The mappings of a process that has more than this are looked up in `smaps` first, for the page map has 8 bytes for each page that is not there, too. */
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
export async function scanPages(maps: readonly Vma[], options: ScanOptions): Promise<ScanResult> {
  const { view, pageSize, search, signal } = options;
  const runs = createRuns();
  const wanted = maps.filter((vma) => !isKernels(vma) && !isDevice(vma, view));
  const { chosen, unsearched } = choose(wanted, `${view}/smaps`, search);
  const fd = openSync(`${view}/pagemap`, 'r');
  try {
    const words: Words = [new ArrayBuffer(chunk), new ArrayBuffer(chunk)];
    for (const vma of chosen) {
      signal.throwIfAborted();
      // A debugger reads it as the file that it is, so all of it: a few pages of the kernel's, that set off nothing when they are touched.
      if (vma.path === '[vdso]' && vma.inode === 0) runs.push(vma.start / pageSize, (vma.end - vma.start) / pageSize);
      else await scanMapping(vma, fd, words, runs, options);
    }
  } finally {
    closeSync(fd);
  }
  return { runs, unsearched };
}

/** Those with a page, the smallest first for as long as the budget lasts: what is large and nearly empty hides nothing else. */
function choose(
  wanted: readonly Vma[],
  smaps: string,
  search: SearchBudget,
): { readonly chosen: readonly Vma[]; readonly unsearched: number } {
  const sizeOf = ({ start, end }: Vma) => end - start;
  if (wanted.reduce((sum, vma) => sum + sizeOf(vma), 0) <= long) return { chosen: wanted, unsearched: 0 };
  const residents = readResidents(smaps);
  // Unknown: the kernel has other words for it, so it may all be there.
  const residentOf = (vma: Vma) => residents.get(vma.start) ?? sizeOf(vma);
  const chosen = new Set<Vma>();
  let unsearched = 0;
  for (const vma of wanted.filter((each) => residentOf(each) > 0).sort((a, b) => sizeOf(a) - sizeOf(b))) {
    const absent = sizeOf(vma) - residentOf(vma);
    if (absent > search.left) unsearched += sizeOf(vma);
    else {
      search.left -= absent;
      chosen.add(vma);
    }
  }
  return { chosen: wanted.filter((vma) => chosen.has(vma)), unsearched };
}

type Words = readonly [ArrayBuffer, ArrayBuffer];

async function scanMapping(vma: Vma, fd: number, buffers: Words, runs: Runs, options: ScanOptions): Promise<void> {
  const { pageSize, shared, signal } = options;
  const once = shared(vma);
  const [first, end] = [vma.start / pageSize, vma.end / pageSize];
  const filePage = vma.offset / pageSize - first;
  let open = -1;
  const close = (page: number) => {
    if (open >= 0) runs.push(open, page - open);
    open = -1;
  };
  const ask = (buffer: ArrayBuffer, page: number) => readWords(fd, new Uint8Array(buffer, 0, Math.min(chunk, (end - page) * 8)), page * 8);
  let [current, other] = buffers;
  let asked = ask(current, first);
  let page = first;
  while (page < end) {
    const bytes = typeof asked === 'number' ? asked : await asked;
    const count = Math.floor(bytes / 8);
    // What the kernel does not answer for is beyond all addresses.
    if (count === 0) break;
    const words = new Uint32Array(current, 0, 2 * count);
    [current, other] = [other, current];
    if (page + count < end) asked = ask(current, page + count);
    for (let i = 0; i < count; i++) {
      // Only upper halves; what is not there is passed over as fast as it goes, for there may be 2^28 of it.
      if (open < 0) while (i < count && (words[2 * i + 1] ?? 0) < there) i++;
      if (i === count) break;
      const high = words[2 * i + 1] ?? 0;
      if (high < there || (high & guard) !== 0 || once?.take(filePage + page + i) === false) close(page + i);
      else if (open < 0) open = page + i;
    }
    page += count;
    if (signal.aborted) {
      if (page < end) await asked;
      signal.throwIfAborted();
    }
  }
  close(page);
}

const readAsync = promisify(read);

function readWords(fd: number, into: Uint8Array, position: number): number | Promise<number> {
  if (into.length <= small) return readSync(fd, into, 0, into.length, position);
  return readAsync(fd, into, 0, into.length, position).then(({ bytesRead }) => bytesRead);
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

/** Bytes that are there, by the start of the mapping. */
function readResidents(path: string): Map<number, number> {
  const residents = new Map<number, number>();
  let start: number | null = null;
  for (const line of linesOf(path)) {
    const head = /^([0-9a-f]+)-[0-9a-f]+ /.exec(line);
    if (head !== null) start = Number.parseInt(head[1] ?? '', 16);
    const counted = /^(?:Rss|Swap|Shared_Hugetlb|Private_Hugetlb): +(\d+) kB/.exec(line);
    if (counted !== null && start !== null) residents.set(start, (residents.get(start) ?? 0) + Number(counted[1]) * 1024);
  }
  return residents;
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
