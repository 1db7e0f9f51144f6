import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** SHA-256 of a file, 64 hexadecimal digits, with its length. Reads one piece while the one before is hashed. */
export async function hashFile(path: string): Promise<{ readonly sha256: string; readonly bytes: number }> {
  await using handle = await open(path, 'r');
  const hash = createHash('sha256');
  const { size } = await handle.stat();
  await hashRange(handle, 0, size, hash);
  return { sha256: hash.digest('hex'), bytes: size };
}

/** Throws when the file ends before. */
export async function hashRange(handle: FileHandle, start: number, length: number, hash: Hash): Promise<void> {
  const end = start + length;
  const read = (at: number, into: Buffer) => handle.read(into, 0, Math.min(into.length, end - at), at);
  let [one, other] = [Buffer.allocUnsafe(piece), Buffer.allocUnsafe(piece)];
  let next = length === 0 ? null : read(start, one);
  for (let at = start; next !== null; ) {
    const { bytesRead } = await next;
    if (bytesRead === 0) throw new Error(`the file ends at ${at}, before ${end}`);
    at += bytesRead;
    const full = one.subarray(0, bytesRead);
    [one, other] = [other, one];
    next = at < end ? read(at, one) : null;
    next?.catch(() => undefined);
    hash.update(full);
  }
}

const piece = 1 << 20;
