import { isUtf8 } from 'node:buffer';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { names } from './case/case-path.ts';
import type { Manifest } from './case/manifest.ts';
import { readRecords } from './case/read-records.ts';
import { type FoundFile, searchFiles } from './find-in-files.ts';
import { ownerOf } from './memory/capture.ts';
import { addressesOf, type MappedTo } from './memory/locate.ts';
import { type Needles, type SearchedProcess, searchPages } from './memory/search.ts';
import type { MemoryRecord, ProcessRecord, TmpfsRecord } from './records.ts';

/** `evidence find --json`. Neither the text nor what is around it: a name that has it in it is `***`. */
export interface FoundText {
  readonly evidence: string;
  /** How often it is in memory and in files together, matches within matches not counted. */
  readonly matches: number;
  /** Every process whose memory was searched. */
  readonly processes: readonly FoundInProcess[];
  /** Those that have it. */
  readonly files: readonly FoundFile[];
  readonly searched: { readonly memoryBytes: number; readonly files: number };
  /** Sentences: what of memory, tmpfs and deleted files is not in the case, or could not be read. Empty: all of it was searched. */
  readonly notSearched: readonly string[];
}

export interface FoundInProcess {
  readonly pid: number;
  readonly command: string;
  readonly bytes: number;
  readonly matches: number;
  /** The first 1,000. */
  readonly places: readonly { readonly address: string | null; readonly encoding: Encoding; readonly in: MappedTo | null }[];
}

type Encoding = 'as-given' | 'utf-16le';

/**
 * Searches the memory, tmpfs and deleted files of a sealed case for bytes, and for the same text as UTF-16LE. It reads what lies there;
 * `verify` says whether that is what was signed.
 */
export async function findText(evidence: string, folder: string, text: Buffer): Promise<FoundText> {
  const words = isUtf8(text) ? text.toString() : null;
  // of a single character one form is part of the other
  const needles = words === null || words.length < 2 ? [text] : [text, Buffer.from(words, 'utf16le')];
  const masked = (name: string) => (words !== null && name.includes(words) ? '***' : name);
  const { processes: known, deleted, unreadable } = await readRecords(folder);
  const memory = (await readJson<{ processes: MemoryRecord[] }>(folder, lists.memory))?.processes ?? [];
  const tmpfs = (await readJson<{ tmpfs: TmpfsRecord[] }>(folder, lists.tmpfs))?.tmpfs ?? [];
  const gaps = new Set([...(await uncaptured(folder)), ...unreadable.filter((one) => /^files\/(processes|deleted)\.json/.test(one))]);

  const processes: FoundInProcess[] = [];
  const looked = new Map<number, number>();
  for await (const { pid: number, bytes, matches, places } of pagesOf(folder, needles, gaps)) {
    const { pid, hostPid, comm } = ownerOf(number, memory) ?? ownerOf(number, known) ?? { pid: number, hostPid: number, comm: '?' };
    looked.set(hostPid, bytes);
    const mapping = matches === 0 ? () => null : await addressesOf(folder, { pid, hostPid });
    const found = places.map(({ address, needle }) => {
      const mapped = mapping(address);
      const named = mapped === null || mapped.path === null ? mapped : { ...mapped, path: masked(mapped.path) };
      return { address, encoding: needle === 0 ? ('as-given' as const) : ('utf-16le' as const), in: named };
    });
    processes.push({ pid, command: masked(comm), bytes, matches, places: found });
  }
  for (const gap of unread(known, memory, looked)) gaps.add(gap);
  const files: FoundFile[] = [];
  let searchedFiles = 0;
  for await (const file of searchFiles(folder, { deleted, tmpfs }, needles, gaps)) {
    searchedFiles++;
    if (file.matches > 0) files.push({ ...file, path: masked(file.path) });
  }
  return {
    evidence,
    matches: [...processes, ...files].reduce((sum, { matches }) => sum + matches, 0),
    processes,
    files,
    searched: { memoryBytes: processes.reduce((sum, { bytes }) => sum + bytes, 0), files: searchedFiles },
    notSearched: [...gaps].map(masked),
  };
}

/** What a step that captured something has written. */
const lists = { memory: 'files/memory.json', tmpfs: 'files/tmpfs.json', 'deleted-files': 'files/deleted.json' } as const;
const steps = ['memory', 'tmpfs', 'deleted-files'] as const;
const states = { partial: 'was captured in part', missing: 'was not captured', 'not-asked': 'was not asked for' } as const;

async function uncaptured(folder: string): Promise<string[]> {
  const manifest = await readJson<Manifest>(folder, names.manifest);
  const said: string[] = manifest === null ? [`${names.manifest} cannot be read: what was left out is not known`] : [];
  for (const step of steps) {
    const item = manifest?.coverage.find((one) => one.step === step);
    const state = item?.state ?? 'missing';
    const there = state === 'captured' || state === 'partial';
    if (state !== 'captured' && state !== 'absent') said.push(`${step} ${states[state]}${item?.reason ? `: ${item.reason}` : ''}`);
    if (there && (await readJson(folder, lists[step])) === null) said.push(`${lists[step]} cannot be read`);
    if (step === 'memory' && !there && existsSync(join(folder, 'criu.tar')))
      said.push('criu.tar is there and was not searched: only memory that was read from /proc is');
  }
  return said;
}

async function* pagesOf(folder: string, needles: Needles, gaps: Set<string>): AsyncGenerator<SearchedProcess> {
  try {
    if (existsSync(join(folder, names.checkpoint))) yield* searchPages(join(folder, names.checkpoint), needles);
  } catch {
    gaps.add(`${names.checkpoint} cannot be read to its end`);
  }
}

function* unread(known: readonly ProcessRecord[], memory: readonly MemoryRecord[], looked: ReadonlyMap<number, number>): Generator<string> {
  for (const { hostPid, pid, comm, wanted, captured } of memory) {
    const missing = wanted - Math.min(captured, looked.get(hostPid) ?? 0);
    if (missing > 0) yield `process ${pid} (${comm}): ${missing} of ${wanted} bytes of its memory are not there`;
  }
  for (const { hostPid, pid, comm, state } of known) {
    // what has ended has none
    if (state !== 'Z' && !memory.some((one) => one.hostPid === hostPid)) yield `process ${pid} (${comm}): its memory is not there`;
  }
}

/** Null when it is not there, or is no JSON. */
async function readJson<T>(folder: string, path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(join(folder, path), 'utf8')) as T;
  } catch {
    return null;
  }
}
