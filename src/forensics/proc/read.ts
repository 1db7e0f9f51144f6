import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';

export interface Bounded {
  readonly bytes: Buffer;
  /** There was more than was asked for. */
  readonly cut: boolean;
}

const chunkBytes = 65_536;

/**
 * A file of /proc to its end, but no further than `limit` bytes; null when it cannot be read: its process has ended, or it has none.
 * Not on the main thread, as the kernel may keep a reader of a process's memory waiting.
 */
export async function readProc(path: string, limit: number): Promise<Bounded | null> {
  let file: Awaited<ReturnType<typeof open>> | undefined;
  try {
    file = await open(path, 'r');
    const parts: Buffer[] = [];
    let length = 0;
    while (length <= limit) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, null);
      if (bytesRead === 0) return { bytes: Buffer.concat(parts), cut: false };
      parts.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    return { bytes: Buffer.concat(parts).subarray(0, limit), cut: true };
  } catch {
    return null;
  } finally {
    await file?.close();
  }
}

/** Raw text of a small file that the kernel makes at once (`cgroup`, `status`); null when it cannot be read. */
export function readProcNow(path: string): string | null {
  let fd = -1;
  try {
    fd = openSync(path, 'r');
    let text = '';
    const buffer = Buffer.allocUnsafe(8_192);
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) text += buffer.toString('latin1', 0, read);
    return text;
  } catch {
    return null;
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}
