import { type FileHandle, open } from 'node:fs/promises';
import { block, paddingLength, parseHeader, parsePax, tarHeader } from './tar-header.ts';

/** A file that is shorter than it should be. */
export interface CutFile {
  readonly path: string;
  /** Null: it was not known how long it would be. */
  readonly wanted: number | null;
  readonly bytes: number;
}

export interface TarPlace {
  readonly path: string;
  /** Where its header begins, and its content. */
  readonly header: number;
  readonly content: number;
  readonly size: number;
}

/** Entries in their order, and where the next one would begin. `torn`: the archive ends inside the last entry. Reads headers only. */
export async function walkTar(handle: FileHandle): Promise<{ entries: TarPlace[]; next: number; ended: boolean; torn: boolean }> {
  const { size: length } = await handle.stat();
  const entries: TarPlace[] = [];
  let pax = new Map<string, string>();
  let header = 0;
  for (let at = 0; ; ) {
    const read = parseHeader(await readAt(handle, at, block), pax);
    if (read.kind === 'end') return { entries, next: header, ended: true, torn: false };
    if (read.kind === 'damaged' || (read.kind === 'pax' && read.size > 1 << 20))
      return { entries, next: header, ended: false, torn: false };
    const content = at + block;
    const end = content + read.size + paddingLength(read.size);
    if (read.kind === 'pax') {
      pax = parsePax(await readAt(handle, content, read.size));
      at = end;
      continue;
    }
    entries.push({ path: read.path, header, content, size: read.size });
    if (end > length) return { entries, next: header, ended: false, torn: true };
    pax = new Map();
    at = end;
    header = end;
  }
}

/**
 * Makes an archive whole to which a crash or a full disk put an end: the entry that was being written is cut to what is there, and its
 * header says so. Answers where the next entry begins; the end blocks, if there were any, are taken off.
 * @param giveBack bytes of a torn entry that are given up, so that a full disk has room for the end.
 */
export async function mendTar(path: string, giveBack = 0): Promise<{ readonly next: number; readonly cut: CutFile | null }> {
  await using handle = await open(path, 'r+');
  const { entries, next, torn } = await walkTar(handle);
  const last = entries.at(-1);
  if (!torn || last === undefined) {
    await handle.truncate(next);
    return { next, cut: null };
  }
  const { size: length } = await handle.stat();
  const there = Math.max(0, Math.min(last.size, length - last.content - giveBack));
  const bytes = there - (there % block);
  await handle.truncate(last.content + bytes);
  const header = await shorter(handle, last, bytes);
  await handle.write(header, 0, header.length, last.header);
  return { next: last.content + bytes, cut: { path: last.path, wanted: last.size, bytes } };
}

/** The header for a smaller size, exactly as long as the one that is there: a size in a pax record keeps its number of digits. */
async function shorter(handle: FileHandle, { path, header, content, size }: TarPlace, bytes: number): Promise<Buffer> {
  const fresh = tarHeader({ path, size: bytes });
  if (fresh.length === content - header) return fresh;
  const old = await readAt(handle, header, content - header);
  const at = old.indexOf(` size=${size}\n`);
  if (at < 0) throw new Error(`the header of ${path} cannot be mended`);
  old.write(String(bytes).padStart(String(size).length, '0'), at + ' size='.length, 'latin1');
  return old;
}

async function readAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
