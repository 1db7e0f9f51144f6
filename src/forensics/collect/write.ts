import { createHash } from 'node:crypto';
import type { EvidenceSink, SinkFile } from '../../domain/evidence.ts';
import type { Json } from '../../domain/journal.ts';
import { readFully } from './safe-open.ts';

export const chunkBytes = 1 << 20;
const zeros = Buffer.alloc(chunkBytes);

export async function writeBytes(sink: EvidenceSink, path: string, bytes: Uint8Array): Promise<number> {
  const file = await sink.file(path, bytes.length);
  for (let at = 0; at < bytes.length; at += chunkBytes) await file.write(bytes.subarray(at, at + chunkBytes));
  await file.close();
  return bytes.length;
}

/** Names that are no UTF-8 are escaped by JSON, so the text is UTF-8 all the same. */
export function writeJson(sink: EvidenceSink, path: string, value: object): Promise<number> {
  return writeBytes(sink, path, Buffer.from(JSON.stringify(value)));
}

/**
 * `{ "KEY": [RECORD, …] }`, a record at a time: all of them as one text may be more than a helper has room for. A sink wants the size first,
 * so each is made into text twice.
 */
export async function writeList(sink: EvidenceSink, path: string, key: string, records: readonly object[]): Promise<number> {
  const head = `{${JSON.stringify(key)}:[`;
  let size = Buffer.byteLength(head) + Math.max(0, records.length - 1) + 2;
  for (const record of records) size += Buffer.byteLength(JSON.stringify(record));
  const file = await sink.file(path, size);
  let text = head;
  for (const [i, record] of records.entries()) {
    text += `${i > 0 ? ',' : ''}${JSON.stringify(record)}`;
    if (text.length < 65_536) continue;
    await file.write(Buffer.from(text));
    text = '';
  }
  await file.write(Buffer.from(`${text}]}`));
  await file.close();
  return size;
}

/** Of records, which are JSON by their shape. */
export function asJson(value: object): Json {
  return value as unknown as Json;
}

export async function writeZeros(file: SinkFile, length: number, signal?: AbortSignal): Promise<void> {
  for (let left = length; left > 0; left -= Math.min(left, chunkBytes)) {
    signal?.throwIfAborted();
    await file.write(zeros.subarray(0, Math.min(left, chunkBytes)));
  }
}

/** Puts many small pieces together before it writes them. */
export function gathering(file: SinkFile): SinkFile {
  const gathered = Buffer.allocUnsafe(chunkBytes / 4);
  let used = 0;
  const flush = async () => {
    if (used > 0) await file.write(gathered.subarray(0, used));
    used = 0;
  };
  return {
    async write(chunk) {
      if (used + chunk.length > gathered.length) await flush();
      if (chunk.length > gathered.length) return file.write(chunk);
      gathered.set(chunk, used);
      used += chunk.length;
    },
    async close() {
      await flush();
      await file.close();
    },
  };
}

/**
 * Writes exactly `length` bytes of an open file from `position` on. What is missing, as the file has shrunk meanwhile, becomes zeros; how
 * much that was.
 */
export async function copyExactly(
  source: { readonly fd: number; readonly position: number; readonly length: number },
  file: SinkFile,
  { buffer, signal, seen }: { readonly buffer: Buffer; readonly signal: AbortSignal; readonly seen?: (chunk: Buffer) => void },
): Promise<number> {
  let missing = 0;
  for (let at = 0; at < source.length; ) {
    signal.throwIfAborted();
    const wanted = Math.min(buffer.length, source.length - at);
    const read = readFully(source.fd, buffer, wanted, source.position + at);
    if (read < wanted) buffer.fill(0, read, wanted);
    missing += wanted - read;
    const chunk = buffer.subarray(0, wanted);
    seen?.(chunk);
    await file.write(chunk);
    at += wanted;
  }
  return missing;
}

/** SHA-256 of an open file to its end. */
export async function hashOpen(fd: number, buffer: Buffer, signal: AbortSignal): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for (;;) {
    signal.throwIfAborted();
    const read = readFully(fd, buffer, buffer.length, bytes);
    hash.update(buffer.subarray(0, read));
    bytes += read;
    if (read < buffer.length) return { sha256: hash.digest('hex'), bytes };
    await breathe();
  }
}

/** Lets others have their turn: what is read here is memory, and reading it is quick, but there may be much of it. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
