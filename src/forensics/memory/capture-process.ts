import type { EvidenceSink } from '../../domain/evidence.ts';
import type { MemoryRecord } from '../records.ts';
import { coreHead } from './core-head.ts';
import { pagemapImage } from './image.ts';
import type { Vma } from './maps.ts';
import { coreNotes } from './notes.ts';
import type { Once } from './once.ts';
import { type PageBuffers, type PagesResult, writePages } from './pages.ts';
import type { ProcessFacts } from './process.ts';
import { codeOf, isGone } from './read.ts';
import { createRuns } from './runs.ts';
import { type ScanResult, type SearchBudget, scanPages } from './scan.ts';

export interface CaptureProcessOptions {
  readonly sink: EvidenceSink;
  readonly signal: AbortSignal;
  readonly buffers: PageBuffers;
  readonly shared: (vma: Vma) => Once | null;
  readonly search: SearchBudget;
  /** Default: what the kernel told the process. */
  readonly pageSize: number | undefined;
  readonly architecture: string;
}

export interface CapturedProcess {
  readonly record: MemoryRecord;
  /** What is missing of it, and why, in the words that follow its name; null when nothing is. */
  readonly missing: string | null;
  /** Why it has no core; null when it has one, or no memory. */
  readonly coreless: string | null;
  /** Of all that was written. */
  readonly bytes: number;
}

/** Writes the pages of a process, where they belong, and the head of its core. `pid` is its number in the images. */
export async function captureProcess(pid: number, facts: ProcessFacts, options: CaptureProcessOptions): Promise<CapturedProcess> {
  const { sink, signal, buffers, architecture } = options;
  const pageSize = options.pageSize ?? pageSizeOf(facts.auxv);
  const { runs, unsearched, refused } = await scan(facts, pageSize, options);
  const pagemap = pagemapImage(pid, runs, pageSize);
  const pages = `checkpoint/pages-${pid}.img`;
  const pageBytes = runs.pages * pageSize;
  const coreless = facts.view === null ? null : whyNoCore(facts, architecture);

  await writeFile(sink, `checkpoint/pagemap-${pid}.img`, pagemap);
  const file = await sink.file(pages, pageBytes);
  const { view } = facts;
  const lost = view === null ? null : await writePages(file, runs, buffers, { view, pageSize, signal });
  await file.close();
  const head = facts.view === null || coreless !== null ? null : coreHead(facts.maps, runs, coreNotes(facts, pageSize), pageSize);
  const core = `cores/core.${pid}`;
  if (head !== null) await writeFile(sink, `${core}.head`, head);

  const unread = (lost?.unreadablePages ?? 0) * pageSize;
  const { hostPid, ppid, comm } = facts.ref;
  return {
    record: {
      hostPid,
      pid: facts.ref.pid,
      ppid,
      comm,
      wanted: refused === null ? pageBytes : facts.resident,
      captured: pageBytes - unread,
      threads: facts.threads.length,
      core: head === null ? null : { path: core, head: `${core}.head`, pages, bytes: head.bytes + pageBytes },
    },
    missing: refused ?? whatIsMissing(facts, unsearched, lost),
    coreless,
    bytes: pagemap.bytes + pageBytes + (head?.bytes ?? 0),
  };
}

interface Scanned extends ScanResult {
  /** Why the memory could not be looked at; null when it could. */
  readonly refused: string | null;
}

async function scan({ view, maps }: ProcessFacts, pageSize: number, options: CaptureProcessOptions): Promise<Scanned> {
  const nothing = { runs: createRuns(), unsearched: 0 };
  if (view === null) return { ...nothing, refused: null };
  try {
    return { ...(await scanPages(maps, { ...options, view, pageSize })), refused: null };
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return { ...nothing, refused: isGone(error) ? 'ended before its memory was read' : `may not be read (${code})` };
  }
}

async function writeFile(
  sink: EvidenceSink,
  path: string,
  { bytes, chunks }: { bytes: number; chunks(): Iterable<Buffer> },
): Promise<void> {
  const file = await sink.file(path, bytes);
  for (const chunk of chunks()) await file.write(chunk);
  await file.close();
}

function whyNoCore({ compat }: ProcessFacts, architecture: string): string | null {
  if (architecture !== 'x64') return `cores are made on x86_64 alone, and this is ${architecture}`;
  return compat ? 'cores are made of programs of 64 bits alone' : null;
}

function whatIsMissing({ threads, view }: ProcessFacts, unsearched: number, lost: PagesResult | null): string | null {
  const missing: string[] = [];
  if (lost !== null && lost.unreadablePages > 0) {
    const first = `0x${(lost.firstUnreadable ?? 0).toString(16)}`;
    missing.push(`${lost.unreadablePages} pages could not be read, the first at ${first}; they are zeros`);
  }
  if (unsearched > 0) missing.push(`${Math.ceil(unsearched / 2 ** 30)} GiB of its address space were not searched: most of it is empty`);
  const unknown = threads.filter(({ registers }) => registers === null).length;
  if (view !== null && unknown > 0)
    missing.push(`the registers of ${unknown} of ${threads.length} threads are not known: it was not at rest`);
  return missing.length === 0 ? null : missing.join(', ');
}

const pageSizeType = 6n;
const usual = 4096;

/** AT_PAGESZ of the auxiliary vector (getauxval(3)). One of 32 bits has other words, and such programs have the usual size. */
function pageSizeOf(auxv: Buffer): number {
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    if (auxv.readBigUInt64LE(at) === pageSizeType) return Number(auxv.readBigUInt64LE(at + 8));
  }
  return usual;
}
