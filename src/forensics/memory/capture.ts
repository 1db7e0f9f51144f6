import type { EvidenceSink, StepResult } from '../../domain/evidence.ts';
import type { MemoryRecord, ProcessRef } from '../records.ts';
import { type CapturedProcess, captureProcess } from './capture-process.ts';
import { createFileTable } from './files.ts';
import { type Imaged, type ImageFile, processImages, treeImages } from './images.ts';
import { createShared } from './once.ts';
import { createPageBuffers } from './pages.ts';
import { type ProcessFacts, readProcess } from './process.ts';
import { codeOf } from './read.ts';
import { createSearchBudget } from './scan.ts';

export interface MemoryIo {
  /** Where the proc file system is that the processes' `hostPid` are numbers of. */
  readonly proc: string;
  readonly sink: EvidenceSink;
  /** Aborted, the capture rejects with its reason, and leaves the file that it was writing as it is. */
  readonly signal: AbortSignal;
  /** Bytes. (Default: what the kernel told each process.) */
  readonly pageSize?: number | undefined;
  /** Of the machine, as Node names it. (Default: of this process.) */
  readonly architecture?: string | undefined;
}

/**
 * The memory of frozen processes, read from /proc: no ptrace, which hangs on what is frozen, and nothing in them is changed. What is
 * present or swapped is read, file-backed pages included; what is not there is not touched.
 *
 * Writes, one file at a time: `checkpoint/` in the format of CRIU's images, for programs that read checkpoints (it is not one that can
 * be restored), and `cores/core.PID.head`. A core is that head followed by `checkpoint/pages-PID.img`: memory is written once. PID is the
 * process's number in its own PID namespace; of two with the same number (a container in the container) the second gets one that is
 * beyond all of Linux. A page of a shared mapping is kept once, with the first process that has it (see `once.ts`).
 *
 * `value` is `{ processes: MemoryRecord[] }`; `share` the part of the wanted bytes that was read. `reason` is also given when all was
 * captured but a process has no core.
 */
export async function captureMemory(processes: readonly ProcessRef[], io: MemoryIo): Promise<StepResult> {
  const { proc, sink, signal, architecture = process.arch } = io;
  const files = createFileTable();
  const numbered = numbers(processes);
  const used = new Set(numbered.map(({ pid }) => pid));
  const takeNumber = (tid: number) => !used.has(tid) && used.add(tid) !== undefined;
  const options = {
    sink,
    signal,
    architecture,
    pageSize: io.pageSize,
    buffers: createPageBuffers(),
    shared: createShared(),
    search: createSearchBudget(),
  };
  const imaged: Imaged[] = [];
  const captured: CapturedProcess[] = [];
  const notes: string[] = [];
  let bytes = 0;
  const writeImages = async (images: readonly ImageFile[]) => {
    for (const { name, content } of images) {
      const file = await sink.file(`checkpoint/${name}`, content.length);
      await file.write(content);
      await file.close();
      bytes += content.length;
    }
  };

  for (const { ref, pid } of numbered) {
    signal.throwIfAborted();
    const facts = look(proc, ref);
    if (typeof facts === 'string') {
      notes.push(`${nameOf(ref)} ${facts}`);
      continue;
    }
    const one = await captureProcess(pid, facts, options);
    captured.push(one);
    imaged.push({ pid, facts });
    if (one.missing !== null) notes.push(`${nameOf(ref)}: ${one.missing}`);
    await writeImages(processImages({ pid, facts }, { files, architecture, takeNumber }));
  }
  if (imaged.length > 0) await writeImages(treeImages(imaged, files));
  return summary(captured, notes, bytes);
}

function summary(captured: readonly CapturedProcess[], notes: readonly string[], imageBytes: number): StepResult {
  const records: MemoryRecord[] = captured.map(({ record }) => record);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const wanted = sum(records.map((record) => record.wanted));
  const coreless = captured.flatMap((one) => (one.coreless === null ? [] : [one.coreless]));
  const withoutCore = coreless.length === 0 ? [] : [`no core of ${coreless.length} processes: ${[...new Set(coreless)].join('; ')}`];
  return {
    state: notes.length > 0 ? 'partial' : records.length === 0 ? 'absent' : 'captured',
    reason: sentence([...notes, ...withoutCore]),
    share: wanted === 0 ? (notes.length > 0 && records.length === 0 ? 0 : 1) : sum(records.map((record) => record.captured)) / wanted,
    bytes: imageBytes + sum(captured.map((one) => one.bytes)),
    value: { processes: records.map((record) => ({ ...record })) },
  };
}

/** What is known of it, or why it is not. */
function look(proc: string, ref: ProcessRef): ProcessFacts | string {
  try {
    return readProcess(proc, ref) ?? 'ended before its memory was read';
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return `may not be read (${code})`;
  }
}

/** Linux has no process of this number or a higher one. */
const beyond = 2 ** 22;

function numbers(processes: readonly ProcessRef[]): { readonly ref: ProcessRef; readonly pid: number }[] {
  const used = new Set<number>();
  return processes.map((ref) => {
    const pid = used.has(ref.pid) ? beyond + ref.hostPid : ref.pid;
    used.add(pid);
    return { ref, pid };
  });
}

/** Whose memory has this number in the images; undefined when it is nobody's of these. */
export function ownerOf<T extends Pick<ProcessRef, 'pid' | 'hostPid'>>(number: number, processes: readonly T[]): T | undefined {
  return processes.find(({ pid, hostPid }) => (number > beyond ? beyond + hostPid === number : pid === number));
}

function nameOf({ pid, comm }: ProcessRef): string {
  return `process ${pid} (${comm.replace(/[^\x20-\x7e]/g, '?')})`;
}

const mostNotes = 5;

function sentence(notes: readonly string[]): string | null {
  if (notes.length === 0) return null;
  const more = notes.length > mostNotes ? `; and ${notes.length - mostNotes} more` : '';
  return `${notes.slice(0, mostNotes).join('; ')}${more}`;
}
