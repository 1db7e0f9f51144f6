import { closeSync, openSync, read } from 'node:fs';
import type { SinkFile } from '../../domain/evidence.ts';
import { codeOf } from './read.ts';
import type { Runs } from './runs.ts';

/** What could not be read is zeros in the file. */
export interface PagesResult {
  readonly unreadablePages: number;
  /** Address of the first of them; null when there is none. */
  readonly firstUnreadable: number | null;
}

export interface PageBuffers {
  readonly buffers: readonly [Buffer, Buffer];
}

/** Bytes of one buffer: one is written while the other is filled. With more, the processor's cache has lost them when they are hashed and written. */
const size = 2 << 20;
/** Bytes of one read: a buffer is filled by several threads at once. */
const most = 1 << 20;
/** Reads under way; Node has four threads, and one is to write. */
const readers = 3;

/** For all processes of a capture, one after the other. */
export function createPageBuffers(): PageBuffers {
  return { buffers: [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)] };
}

/** Copies the pages of the runs from the process's memory into the file, in their order. */
export async function writePages(
  file: SinkFile,
  runs: Runs,
  { buffers }: PageBuffers,
  { view, pageSize, signal }: { readonly view: string; readonly pageSize: number; readonly signal: AbortSignal },
): Promise<PagesResult> {
  let unreadablePages = 0;
  let firstUnreadable: number | null = null;
  const memory = openMemory(`${view}/mem`);
  const lost = (address: number, pages: number) => {
    unreadablePages += pages;
    firstUnreadable = Math.min(address, firstUnreadable ?? address);
  };
  const pieces = piecesOf(runs, pageSize);
  const fill = (buffer: Buffer) => fillBuffer(buffer, pieces, { memory, pageSize, lost });
  try {
    let [current, other] = buffers;
    let filling = fill(current);
    for (let bytes = await filling; bytes > 0; bytes = await filling) {
      signal.throwIfAborted();
      filling = fill(other);
      try {
        await file.write(current.subarray(0, bytes));
      } catch (error) {
        await filling;
        throw error;
      }
      [current, other] = [other, current];
    }
    return { unreadablePages, firstUnreadable };
  } finally {
    if (memory !== null) closeSync(memory);
  }
}

interface Piece {
  /** In the process, bytes. */
  readonly address: number;
  readonly bytes: number;
  /** In the buffer. */
  readonly at: number;
}

interface Pieces {
  /** The next ones that fit into a buffer. */
  next(room: number): Piece[];
}

function piecesOf(runs: Runs, pageSize: number): Pieces {
  let index = 0;
  let done = 0;
  return {
    next(room) {
      const pieces: Piece[] = [];
      for (let at = 0; at < room && index < runs.length; ) {
        const bytes = Math.min(runs.count(index) * pageSize - done, room - at, most);
        pieces.push({ address: runs.first(index) * pageSize + done, bytes, at });
        at += bytes;
        done += bytes;
        if (done === runs.count(index) * pageSize) {
          index++;
          done = 0;
        }
      }
      return pieces;
    },
  };
}

interface Source {
  /** Null: it may not be read, or is gone. */
  readonly memory: number | null;
  readonly pageSize: number;
  lost(address: number, pages: number): void;
}

async function fillBuffer(buffer: Buffer, pieces: Pieces, source: Source): Promise<number> {
  const todo = pieces.next(buffer.length);
  let taken = 0;
  const reader = async () => {
    for (let piece = todo[taken++]; piece !== undefined; piece = todo[taken++]) await readPiece(buffer, piece, source);
  };
  await Promise.all(Array.from({ length: Math.min(readers, todo.length) }, reader));
  const last = todo.at(-1);
  return last === undefined ? 0 : last.at + last.bytes;
}

/** A read ends before the first page that cannot be read, and fails on it: that one becomes zeros, and it goes on behind it. */
async function readPiece(buffer: Buffer, { address, bytes, at }: Piece, { memory, pageSize, lost }: Source): Promise<void> {
  for (let done = 0; done < bytes; ) {
    const got = memory === null ? 0 : await readOnce(memory, buffer, at + done, bytes - done, address + done);
    done += Math.max(got, 0);
    if (got > 0) continue;
    // Nothing at all: the process has ended, and no page of it is left.
    const zeros = got === 0 ? bytes - done : Math.min(pageSize, bytes - done);
    buffer.fill(0, at + done, at + done + zeros);
    lost(address + done, zeros / pageSize);
    done += zeros;
  }
}

/** Answers the number of bytes, -1 when the first page cannot be read. */
function readOnce(memory: number, buffer: Buffer, at: number, bytes: number, address: number): Promise<number> {
  return new Promise((resolve) => {
    const position = Number.isSafeInteger(address) ? address : BigInt(address);
    read(memory, buffer, at, bytes, position, (error, bytesRead) => resolve(error === null ? bytesRead : -1));
  });
}

function openMemory(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return null;
  }
}
