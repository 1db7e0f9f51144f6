import { readFully } from './safe-open.ts';
import { breathe } from './write.ts';

export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** Looked through for data at the most, of one file. */
const scanBytes = 16 * 1024 ** 3;

/** What one step may still look through: of many files of nothing but holes no one may use up its time. */
export interface ScanRoom {
  left: number;
}

/** 64 GiB, 20 s or so. */
export function createScanRoom(): ScanRoom {
  return { left: 4 * scanBytes };
}

const pageBytes = 4096;
const sparseFrom = 1 << 20;

/** More than half of it are holes. */
export function isSparse({ size, blocks }: { readonly size: number; readonly blocks: number }): boolean {
  return size > sparseFrom && blocks * 512 < size / 2;
}

/**
 * Where a sparse file has data, in whole pages of which not every byte is zero. Looks no further once everything that is allocated has
 * been found; `cut` when it gave up before. (Node has no SEEK_DATA; reading a hole allocates nothing.)
 */
export async function dataOf(
  fd: number,
  { size, blocks }: { readonly size: number; readonly blocks: number },
  buffer: Buffer,
  { signal, room }: { readonly signal: AbortSignal; readonly room: ScanRoom },
): Promise<{ extents: Extent[]; cut: boolean }> {
  const extents: Extent[] = [];
  const zeros = Buffer.alloc(buffer.length);
  let found = 0;
  for (let at = 0; at < size; at += buffer.length) {
    if (found >= blocks * 512) return { extents, cut: false };
    if (at >= scanBytes || room.left <= 0) return { extents, cut: true };
    signal.throwIfAborted();
    const read = readFully(fd, buffer, Math.min(buffer.length, size - at), at);
    room.left -= read;
    if (!buffer.subarray(0, read).equals(zeros.subarray(0, read))) {
      for (let page = 0; page < read; page += pageBytes) {
        const length = Math.min(pageBytes, read - page);
        if (buffer.compare(zeros, 0, length, page, page + length) === 0) continue;
        found += pageBytes;
        const last = extents.at(-1);
        const offset = at + page;
        if (last !== undefined && last.offset + last.length === offset)
          extents[extents.length - 1] = { offset: last.offset, length: last.length + length };
        else extents.push({ offset, length });
      }
    }
    if ((at / buffer.length) % 32 === 31) await breathe();
    if (read < buffer.length && at + read < size) break;
  }
  return { extents, cut: false };
}
