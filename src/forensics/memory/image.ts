import { message, varintSize, writeVarint } from './protobuf.ts';
import type { Runs } from './runs.ts';

/** CRIU's image files: two magic numbers, then messages, each with its length before it (https://criu.org/Images). */

const common = 0x54564319;
const service = 0x55105940;

export const magic = {
  core: 0x55053847,
  fdinfo: 0x56213732,
  files: 0x56303138,
  fs: 0x51403912,
  ids: 0x54432030,
  inventory: 0x58313116,
  mm: 0x57492820,
  pagemap: 0x56084025,
  pstree: 0x50273030,
  stats: 0x57093306,
} as const;

export function image(kind: number, entries: readonly Buffer[]): Buffer {
  return Buffer.concat([head(kind), ...entries.flatMap((entry) => [uint32(entry.length), entry])]);
}

/** The one image with a single magic number. */
export function inventoryImage(entry: Buffer): Buffer {
  return Buffer.concat([uint32(magic.inventory), uint32(entry.length), entry]);
}

export interface DumpStats {
  /** µs: until the container was frozen, how long it was, reading memory, writing it. */
  readonly freezingUs: number;
  readonly frozenUs: number;
  readonly memdumpUs: number;
  readonly memwriteUs: number;
  readonly pagesScanned: number;
  readonly pagesWritten: number;
}

/** `stats-dump`, which `checkpointctl inspect --stats` shows. */
export function encodeStatsDump(stats: DumpStats): Buffer {
  const times = [stats.freezingUs, stats.frozenUs, stats.memdumpUs, stats.memwriteUs];
  const dump = message([
    ...times.map((time, index) => [index + 1, uint32Value(time)] as const),
    [5, stats.pagesScanned],
    [6, 0],
    [7, stats.pagesWritten],
    // Required: pages that were left for later.
    [9, 0],
  ]);
  const entry = message([[1, dump]]);
  return Buffer.concat([uint32(service), uint32(magic.stats), uint32(entry.length), entry]);
}

export interface SizedImage {
  readonly bytes: number;
  chunks(): Generator<Buffer>;
}

const perChunk = 1 << 20;
/** PE_PRESENT: its pages are in `pages-N.img`. */
const present = 4;

/**
 * `pagemap-N.img`. Until 4.1, CRIU counts the pages of an entry in field 2, from 4.2 on in field 5, and so do the programs that read its
 * images: ours have both.
 */
export function pagemapImage(pagesId: number, runs: Runs, pageSize: number): SizedImage {
  const first = image(magic.pagemap, [message([[1, pagesId]])]);
  const size = (index: number) => {
    const count = varintSize(runs.count(index));
    return 1 + varintSize(runs.first(index) * pageSize) + (1 + count) + 2 + (1 + count);
  };
  let bytes = first.length;
  for (let index = 0; index < runs.length; index++) bytes += 4 + size(index);
  return {
    bytes,
    *chunks() {
      yield first;
      let chunk = Buffer.allocUnsafe(perChunk);
      let at = 0;
      for (let index = 0; index < runs.length; index++) {
        if (at + 64 > chunk.length) {
          yield chunk.subarray(0, at);
          chunk = Buffer.allocUnsafe(perChunk);
          at = 0;
        }
        at = chunk.writeUInt32LE(size(index), at);
        at = writeVarint(chunk, chunk.writeUInt8(8, at), runs.first(index) * pageSize);
        at = writeVarint(chunk, chunk.writeUInt8(16, at), runs.count(index));
        at = writeVarint(chunk, chunk.writeUInt8(32, at), present);
        at = writeVarint(chunk, chunk.writeUInt8(40, at), runs.count(index));
      }
      yield chunk.subarray(0, at);
    },
  };
}

function head(kind: number): Buffer {
  return Buffer.concat([uint32(common), uint32(kind)]);
}

function uint32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

/** A field of 32 bits holds 71 minutes of µs; more is cut. */
function uint32Value(value: number): number {
  return Math.min(Math.round(value), 2 ** 32 - 1);
}
