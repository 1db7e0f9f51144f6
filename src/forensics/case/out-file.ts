import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** A new file that is written from front to end, hashed as it goes. */
export interface OutFile {
  readonly written: number;
  /** The chunk may be used again when this resolves. Throws what the system says (`ENOSPC`, …): then `written` is what surely is in it. */
  write(chunk: Uint8Array): Promise<void>;
  /** Writes out what was gathered, and starts to bring it to the disk. */
  flush(): Promise<void>;
  /** On the disk when it resolves. */
  sync(): Promise<void>;
  /** Also after an error. Answers the SHA-256 of all that was given to `write`. */
  close(): Promise<{ readonly sha256: string; readonly bytes: number }>;
}

/** Small chunks are gathered to this, larger ones are written as they are. */
const gather = 1 << 20;
/** After this much a sync is started beside the writing, so that the last one has little left to do. */
const syncEvery = 32 << 20;

/** @param existing goes on from a place in a file that exists; the hash is then of what is written from there on. */
export async function createOutFile(path: string, existing?: { readonly at: number }): Promise<OutFile> {
  return outFile(await open(path, existing === undefined ? 'wx' : 'r+', 0o600), existing?.at ?? 0);
}

function outFile(handle: FileHandle, start: number): OutFile {
  const hash = createHash('sha256');
  let buffer: Buffer | null = null;
  let used = 0;
  let position = start;
  let unsynced = 0;
  let syncing: Promise<void> | null = null;
  let failed: unknown;

  /** The hash is made while the system writes. */
  const put = async (bytes: Uint8Array) => {
    const writing = writeAll(bytes);
    writing.catch(() => undefined);
    hash.update(bytes);
    await writing;
    unsynced += bytes.length;
    if (unsynced < syncEvery || syncing !== null) return;
    unsynced = 0;
    syncing = handle
      .datasync()
      .catch((error: unknown) => {
        failed ??= error;
      })
      .finally(() => {
        syncing = null;
      });
  };
  const writeAll = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position);
      at += bytesWritten;
      position += bytesWritten;
    }
  };
  const flush = async () => {
    if (failed !== undefined) throw failed;
    if (buffer === null || used === 0) return;
    const bytes = buffer.subarray(0, used);
    used = 0;
    await put(bytes);
  };

  return {
    get written() {
      return position + used;
    },
    async write(chunk) {
      if (failed !== undefined) throw failed;
      if (chunk.length >= gather >> 2) {
        await flush();
        await put(chunk);
        return;
      }
      if (used + chunk.length > gather) await flush();
      buffer ??= Buffer.allocUnsafe(gather);
      buffer.set(chunk, used);
      used += chunk.length;
    },
    flush,
    async sync() {
      await flush();
      await syncing;
      if (failed !== undefined) throw failed;
      await handle.datasync();
    },
    async close() {
      try {
        await flush();
        await syncing;
        if (failed !== undefined) throw failed;
      } finally {
        await syncing;
        await handle.close();
      }
      return { sha256: hash.digest('hex'), bytes: position };
    },
  };
}
