import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { readVarint } from './protobuf.ts';
import { createRuns, type Runs } from './runs.ts';

export interface MemoryMatch {
  /** Number of the process in the images. */
  readonly pid: number;
  /** How often it is there, matches within matches not counted. */
  readonly matches: number;
  /** Where the first one is, `0x7f…`; null when the archive does not say where its pages belong. */
  readonly address: string | null;
}

/**
 * Which processes have the bytes in their memory, in the order of the archive. `source` is a `checkpoint.tar`, or its path, not compressed;
 * it is read once, and no more than a page map and a chunk of it is kept. A match does not go over the end of a run: what follows in the
 * file is another place in memory.
 *
 * @throws what reading the file or the archive throws
 */
export async function searchPages(source: string | Readable, needle: Buffer): Promise<MemoryMatch[]> {
  if (needle.length === 0) throw new RangeError('nothing to search for');
  const maps = new Map<number, PageMap>();
  const found: MemoryMatch[] = [];
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
      const match = await searchEntry(entry as AsyncIterable<Buffer>, needle, map?.runs ?? null, entry.header.size ?? 0);
      if (match.matches > 0) found.push({ pid: map?.pid ?? Number(number), ...match });
      maps.delete(Number(number));
    } else entry.resume();
  }
  await reading;
  return found;
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
  needle: Buffer,
  runs: Runs | null,
  size: number,
): Promise<{ readonly matches: number; readonly address: string | null }> {
  const pageSize = runs === null || runs.pages === 0 ? 0 : pageSizeOf(size / runs.pages);
  let matches = 0;
  let address: string | null = null;
  let run = 0;
  /** Of the file: where the run ends, and how far the search is. */
  let end = pageSize === 0 ? size : (runs?.count(0) ?? 0) * pageSize;
  let start = 0;
  let position = 0;
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of entry) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + Math.min(chunk.length - at, end - position));
      const window = tail.length === 0 ? part : Buffer.concat([tail, part]);
      const windowAt = position - tail.length;
      let from = 0;
      for (let hit = window.indexOf(needle); hit >= 0; hit = window.indexOf(needle, from)) {
        matches++;
        if (pageSize > 0) address ??= `0x${((runs?.first(run) ?? 0) + windowAt + hit - start).toString(16)}`;
        from = hit + needle.length;
      }
      tail = Buffer.from(window.subarray(Math.max(from, window.length - needle.length + 1)));
      at += part.length;
      position += part.length;
      if (position < end) continue;
      tail = Buffer.alloc(0);
      run++;
      start = end;
      // Beyond the last run that the page map has, the rest is one.
      end = pageSize > 0 && run < (runs?.length ?? 0) ? end + (runs?.count(run) ?? 0) * pageSize : Number.MAX_SAFE_INTEGER;
    }
  }
  return { matches, address };
}

/** Of an entry that was cut the quotient is no size of a page: then it is the usual one. */
function pageSizeOf(quotient: number): number {
  return [4096, 16_384, 65_536].includes(quotient) ? quotient : 4096;
}
