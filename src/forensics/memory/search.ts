import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { createMatcher } from './match.ts';
import { readVarint } from './protobuf.ts';
import { createRuns, type Runs } from './runs.ts';

/** What to look for, in each of its forms. */
export type Needles = readonly Buffer[];

export interface SearchedProcess {
  /** Number of the process in the images. */
  readonly pid: number;
  /** So many bytes of its memory were looked at. */
  readonly bytes: number;
  /** How often a needle is there, matches within matches not counted. */
  readonly matches: number;
  /** Where, ascending but for the pieces that a needle lies across; at the most `mostPlaces`. */
  readonly places: readonly Place[];
}

export interface Place {
  /** `0x7f…`; null when the archive does not say where its pages belong. */
  readonly address: string | null;
  /** Which of the needles. */
  readonly needle: number;
}

/** Kept for one process: a needle of one byte is there millions of times. */
const mostPlaces = 1_000;

/**
 * Every process of a `checkpoint.tar`, in the order of the archive, with what was found in its memory. `source` is the archive, or its
 * path, not compressed; it is read once, and no more than a page map and a chunk of it is kept. A match goes over the end of a run only
 * where the next one follows in memory.
 *
 * @throws what reading the file or the archive throws, after the processes before it
 */
export async function* searchPages(source: string | Readable, needles: Needles): AsyncGenerator<SearchedProcess> {
  const maps = new Map<number, PageMap>();
  const archive = extract();
  const reading = pipeline(typeof source === 'string' ? createReadStream(source, { highWaterMark: 1 << 20 }) : source, archive);
  reading.catch(() => undefined);
  for await (const entry of archive) {
    const [, kind, number] = /(?:^|\/)checkpoint\/(pagemap|pages)-(\d+)\.img$/.exec(entry.header.name) ?? [];
    if (kind === 'pagemap') {
      const { pagesId, map } = await readPageMap(entry as AsyncIterable<Buffer>, Number(number));
      maps.set(pagesId, map);
    } else if (kind === 'pages') {
      const map = maps.get(Number(number));
      const searched = await searchEntry(entry as AsyncIterable<Buffer>, needles, map?.runs ?? null, entry.header.size ?? 0);
      yield { pid: map?.pid ?? Number(number), ...searched };
      maps.delete(Number(number));
    } else entry.resume();
  }
  await reading;
}

interface PageMap {
  readonly pid: number;
  /** In bytes, not in pages: the size of a page is not known yet. */
  readonly runs: Runs;
}

/** Two magic numbers, then messages with their length: the number of the pages file, then address and count. */
async function readPageMap(entry: AsyncIterable<Buffer>, pid: number): Promise<{ readonly pagesId: number; readonly map: PageMap }> {
  const runs = createRuns();
  let pagesId = pid;
  let rest: Buffer = Buffer.alloc(0);
  let skip = 8;
  let first = true;
  for await (const chunk of entry) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = Math.min(skip, rest.length);
    skip -= at;
    while (skip === 0 && at + 4 <= rest.length && at + 4 + rest.readUInt32LE(at) <= rest.length) {
      const end = at + 4 + rest.readUInt32LE(at);
      const fields = numbersOf(rest.subarray(at + 4, end));
      if (first) pagesId = fields.get(1) ?? pid;
      else runs.push(fields.get(1) ?? 0, fields.get(5) ?? fields.get(2) ?? 0);
      first = false;
      at = end;
    }
    rest = rest.subarray(at);
  }
  return { pagesId, map: { pid, runs } };
}

/** Of a message that has nothing else. */
function numbersOf(bytes: Buffer): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at);
    const value = tag === null ? null : readVarint(bytes, tag.next);
    if (tag === null || value === null) break;
    numbers.set(Math.floor(tag.value / 8), value.value);
    at = value.next;
  }
  return numbers;
}

async function searchEntry(
  entry: AsyncIterable<Buffer>,
  needles: Needles,
  runs: Runs | null,
  size: number,
): Promise<Omit<SearchedProcess, 'pid'>> {
  const pageSize = runs === null || runs.pages === 0 ? 0 : pageSizeOf(size / runs.pages);
  const places: Place[] = [];
  let matches = 0;
  let run = 0;
  /** Of the file: where the run begins and ends, and how far the search is. */
  let start = 0;
  let end = pageSize === 0 ? size : (runs?.count(0) ?? 0) * pageSize;
  let position = 0;
  /** What is beyond the last run of the page map belongs nowhere. */
  const known = () => pageSize > 0 && run < (runs?.length ?? 0);
  const matchers = needles.map((wanted, needle) =>
    createMatcher(wanted, (at) => {
      matches++;
      if (places.length < mostPlaces) places.push({ address: known() ? `0x${at.toString(16)}` : null, needle });
    }),
  );
  for await (const chunk of entry) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + Math.min(chunk.length - at, end - position));
      for (const match of matchers) match(part, known() ? (runs?.first(run) ?? 0) + position - start : -size + position);
      at += part.length;
      position += part.length;
      if (position < end) continue;
      run++;
      start = end;
      end = known() ? end + (runs?.count(run) ?? 0) * pageSize : Number.MAX_SAFE_INTEGER;
    }
  }
  return { bytes: position, matches, places };
}

/** Of an entry that was cut the quotient is no size of a page: then it is the usual one. */
function pageSizeOf(quotient: number): number {
  return [4096, 16_384, 65_536].includes(quotient) ? quotient : 4096;
}
