import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SinkFile } from '../../domain/evidence.ts';
import { isSystemError, type Ledger, type WrittenFile } from './ledger.ts';
import { createOutFile } from './out-file.ts';

export interface PlainFile extends SinkFile {
  /** Keeps what is there, as cut. */
  giveUp(): Promise<void>;
}

/** Files of their own in the folder of a case. */
export interface PlainFiles {
  /** @param size null: nobody knows before. */
  open(path: string, size: number | null): Promise<PlainFile>;
  /** Of what nobody has closed. */
  giveUpAll(): Promise<void>;
}

export function plainFiles(ledger: Ledger): PlainFiles {
  const { folder, cut, written, unsynced } = ledger;
  const opened = new Set<PlainFile>();

  const open = async (path: string, size: number | null): Promise<PlainFile> => {
    const target = join(folder, path);
    const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        if (!isSystemError(error)) throw error;
        throw await failed(error);
      }
    };
    const failed = async (error: unknown) => {
      opened.delete(file);
      unsynced.delete(path);
      const told = await ledger.failure(error, path);
      await out?.close().catch(() => undefined);
      out = null;
      const left = await stat(target).catch(() => null);
      if (left !== null) cut.push({ path, wanted: size, bytes: left.size });
      if (left !== null) unsynced.add(path);
      return told;
    };
    const end = async (): Promise<WrittenFile | null> => {
      opened.delete(file);
      const ending = out;
      out = null;
      return ending === null ? null : guarded(() => ending.close());
    };
    let left = size ?? Number.POSITIVE_INFINITY;
    let out: Awaited<ReturnType<typeof createOutFile>> | null = null;
    const file: PlainFile = {
      async write(chunk) {
        const to = out;
        if (to === null) throw new Error(`${path} is closed`);
        left -= chunk.length;
        if (left < 0) throw new Error(`more than ${size} bytes for ${path}`);
        await guarded(() => to.write(chunk));
      },
      // one that failed has been told of by `write`
      async close() {
        if (out === null) return;
        if (size !== null && left > 0) {
          await file.giveUp();
          throw new Error(`${left} of ${size} bytes are missing for ${path}`);
        }
        const done = await end();
        if (done !== null) written.set(path, done);
      },
      async giveUp() {
        const done = await end();
        if (done !== null) cut.push({ path, wanted: size, bytes: done.bytes });
      },
    };
    await guarded(async () => {
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      out = await createOutFile(target);
    });
    unsynced.add(path);
    opened.add(file);
    return file;
  };

  return {
    open,
    async giveUpAll() {
      for (const file of opened) await file.giveUp();
    },
  };
}
