import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Reads a file once from front to end, in bounded memory. */
export interface ByteReader {
  /** Up to `length` bytes without going on; fewer only at the end. */
  peek(length: number): Promise<Buffer>;
  /** The same, and goes on. */
  take(length: number): Promise<Buffer>;
  /** Goes on past `length` bytes. `complete`: they were all there. */
  hash(length: number): Promise<{ readonly sha256: string; readonly complete: boolean }>;
  skip(length: number): Promise<boolean>;
  close(): Promise<void>;
}

export function byteReader(path: string): ByteReader {
  const chunks = createReadStream(path, { highWaterMark: 1 << 20 })[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const more = async (): Promise<Buffer | null> => {
    const { done, value } = await chunks.next();
    return done ? null : (value as Buffer);
  };
  const peek = async (length: number) => {
    const parts = [held];
    let have = held.length;
    while (have < length) {
      const chunk = await more();
      if (chunk === null) break;
      parts.push(chunk);
      have += chunk.length;
    }
    if (parts.length > 1) held = Buffer.concat(parts);
    return held.subarray(0, length);
  };
  const pass = async (length: number, each: (bytes: Buffer) => void) => {
    for (let left = length; left > 0; ) {
      if (held.length === 0) {
        const chunk = await more();
        if (chunk === null) return false;
        held = chunk;
      }
      const piece = held.subarray(0, left);
      held = held.subarray(piece.length);
      left -= piece.length;
      each(piece);
    }
    return true;
  };
  return {
    peek,
    async take(length) {
      const bytes = await peek(length);
      held = held.subarray(bytes.length);
      return bytes;
    },
    async hash(length) {
      const hash = createHash('sha256');
      const complete = await pass(length, (bytes) => hash.update(bytes));
      return { sha256: hash.digest('hex'), complete };
    },
    skip: (length) => pass(length, () => undefined),
    async close() {
      await chunks.return?.();
    },
  };
}
