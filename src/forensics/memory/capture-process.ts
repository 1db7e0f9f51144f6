import type { EvidenceSink } from '../../domain/evidence.ts';
import type { MemoryRecord } from '../records.ts';
import { coreHead } from './core-head.ts';
import { pagemapImage } from './image.ts';
import type { Vma } from './maps.ts';
import { coreNotes } from './notes.ts';
import type { Once } from './once.ts';
import { type PageBuffers, writePages } from './pages.ts';
import type { ProcessFacts } from './process.ts';
import { codeOf } from './read.ts';
import { createRuns, type Runs } from './runs.ts';
import { scanPages } from './scan.ts';

export interface CaptureProcessOptions {
  readonly sink: EvidenceSink;
  readonly signal: AbortSignal;
  readonly buffers: PageBuffers;
  readonly shared: (vma: Vma) => Once | null;
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
  const { runs, refused } = await scan(facts, pageSize, options);
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
    missing: refused ?? whatIsMissing(facts, lost?.unreadablePages ?? 0, lost?.firstUnreadable ?? null),
    coreless,
    bytes: pagemap.bytes + pageBytes + (head?.bytes ?? 0),
  };
}

interface Scanned {
  readonly runs: Runs;
  /** Why the memory could not be looked at; null when it could. */
  readonly refused: string | null;
}

async function scan({ view, maps }: ProcessFacts, pageSize: number, { shared, signal }: CaptureProcessOptions): Promise<Scanned> {
  const none = createRuns();
  if (view === null) return { runs: none, refused: null };
  try {
    return { runs: await scanPages(maps, { view, pageSize, shared, signal }), refused: null };
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return {
      runs: none,
      refused: code === 'ENOENT' || code === 'ESRCH' ? 'ended before its memory was read' : `may not be read (${code})`,
    };
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

function whatIsMissing({ threads, view }: ProcessFacts, unreadable: number, first: number | null): string | null {
  if (view === null) return null;
  if (unreadable > 0) return `${unreadable} pages could not be read, the first at 0x${(first ?? 0).toString(16)}; they are zeros`;
  const unknown = threads.filter(({ registers }) => registers === null).length;
  return unknown === 0 ? null : `the registers of ${unknown} of ${threads.length} threads are not known: it was not at rest`;
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
