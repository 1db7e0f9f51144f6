import { isKernels, type Vma } from './maps.ts';
import type { Runs } from './runs.ts';

/**
 * The head of an ELF core of x86_64, to be followed byte for byte by the process's `pages-N.img` (System V ABI, chapters 4 and 5, and
 * core(5)). A stretch of memory that was captured is a segment with its bytes; one that was not is a segment of file size 0, so that a
 * debugger falls back on the executable for what was never touched.
 */
export interface CoreHead {
  readonly bytes: number;
  chunks(): Generator<Buffer>;
}

const headerSize = 64;
const segmentSize = 56;
const sectionSize = 64;
/** From so many segments on, their number is in the first section header instead (PN_XNUM). */
const tooMany = 0xffff;
const perChunk = 16_384;

export function coreHead(maps: readonly Vma[], runs: Runs, notes: Buffer, pageSize: number): CoreHead {
  let count = 1;
  for (const _ of segments(maps, runs, pageSize)) count++;
  const extended = count >= tooMany;
  const notesAt = headerSize + segmentSize * count + (extended ? sectionSize : 0);
  const bytes = Math.ceil((notesAt + notes.length) / pageSize) * pageSize;
  return {
    bytes,
    *chunks() {
      yield elfHeader(count, extended);
      let chunk = Buffer.alloc(segmentSize * perChunk);
      let at = writeSegment(chunk, 0, { type: 4, flags: 0, offset: notesAt, address: 0, fileSize: notes.length, memorySize: 0, align: 4 });
      for (const { address, length, flags, index } of segments(maps, runs, pageSize)) {
        if (at === chunk.length) {
          yield chunk;
          chunk = Buffer.alloc(segmentSize * perChunk);
          at = 0;
        }
        const captured = index >= 0;
        const offset = bytes + Math.max(index, 0) * pageSize;
        at = writeSegment(chunk, at, {
          type: 1,
          flags,
          offset,
          address,
          fileSize: captured ? length : 0,
          memorySize: length,
          align: pageSize,
        });
      }
      yield chunk.subarray(0, at);
      if (extended) yield sectionHeader(count);
      yield Buffer.concat([notes, Buffer.alloc(bytes - notesAt - notes.length)]);
    },
  };
}

interface Segment {
  readonly address: number;
  readonly length: number;
  readonly flags: number;
  /** Of its first page in `pages-N.img`; -1 when it was not captured. */
  readonly index: number;
}

/** Every mapping, cut into what was captured and what was not. */
function* segments(maps: readonly Vma[], runs: Runs, pageSize: number): Generator<Segment> {
  let run = 0;
  let index = 0;
  for (const vma of maps) {
    if (isKernels(vma)) continue;
    const flags = (vma.read ? 4 : 0) | (vma.write ? 2 : 0) | (vma.execute ? 1 : 0);
    let address = vma.start;
    for (; run < runs.length && runs.first(run) * pageSize < vma.end; run++) {
      const start = runs.first(run) * pageSize;
      const length = runs.count(run) * pageSize;
      if (start > address) yield { address, length: start - address, flags, index: -1 };
      yield { address: start, length, flags, index };
      index += runs.count(run);
      address = start + length;
    }
    if (address < vma.end) yield { address, length: vma.end - address, flags, index: -1 };
  }
}

function elfHeader(segmentCount: number, extended: boolean): Buffer {
  const out = Buffer.alloc(headerSize);
  // 64 bits, little-endian, version 1; ET_CORE, EM_X86_64.
  out.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  out.writeUInt16LE(4, 16);
  out.writeUInt16LE(62, 18);
  out.writeUInt32LE(1, 20);
  out.writeUInt32LE(headerSize, 32);
  out.writeBigUInt64LE(extended ? BigInt(headerSize + segmentSize * segmentCount) : 0n, 40);
  out.writeUInt16LE(headerSize, 52);
  out.writeUInt16LE(segmentSize, 54);
  out.writeUInt16LE(extended ? tooMany : segmentCount, 56);
  out.writeUInt16LE(extended ? sectionSize : 0, 58);
  out.writeUInt16LE(extended ? 1 : 0, 60);
  return out;
}

/** An empty one, whose `sh_info` is the number of segments. */
function sectionHeader(segmentCount: number): Buffer {
  const out = Buffer.alloc(sectionSize);
  out.writeUInt32LE(1, 32);
  out.writeUInt32LE(segmentCount, 44);
  return out;
}

interface ProgramHeader {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly align: number;
}

function writeSegment(out: Buffer, at: number, header: ProgramHeader): number {
  out.writeUInt32LE(header.type, at);
  out.writeUInt32LE(header.flags, at + 4);
  for (const [index, value] of [header.offset, header.address, 0, header.fileSize, header.memorySize, header.align].entries()) {
    out.writeUInt32LE(value % 2 ** 32, at + 8 + 8 * index);
    out.writeUInt32LE(Math.floor(value / 2 ** 32), at + 12 + 8 * index);
  }
  return at + segmentSize;
}
