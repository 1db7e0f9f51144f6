import type { SinkFile } from '../../../domain/evidence.ts';
import { hashFile } from '../hash-file.ts';
import { createOutFile, type OutFile } from '../out-file.ts';
import { type CutFile, mendTar } from './mend-tar.ts';
import { padding, tarEnd, tarHeader } from './tar-header.ts';

/** An archive that is written from front to end, one entry at a time, and hashed as it goes. */
export interface CheckpointTar {
  /** Exactly `size` bytes must be written before `close`. Throws what the system says. */
  entry(path: string, size: number): Promise<SinkFile>;
  /** Brings what was written to the disk. */
  sync(): Promise<void>;
  /** After an error: cuts the entry that was being written to what is there; more can be added then. */
  mend(giveBack: number): Promise<CutFile | null>;
  /** Ends the archive. */
  end(): Promise<{ readonly sha256: string; readonly bytes: number }>;
  /** Lets go of the file as it is. */
  abandon(): Promise<void>;
}

/** @param next where the next entry begins in an archive that is gone on with; null for a new one, which begins with the folder `checkpoint/`. */
export async function openCheckpointTar(path: string, next: number | null): Promise<CheckpointTar> {
  // what was written before a mend is not in the running hash, so the whole is read again at the end
  let rehash = next !== null;
  let busy: string | null = null;
  let out: OutFile = await open(path, next);
  if (next === null) await out.write(tarHeader({ path: 'checkpoint/', size: 0 }));
  return {
    async entry(name, size) {
      if (busy !== null) throw new Error(`${busy} is still being written`);
      busy = name;
      await out.write(tarHeader({ path: name, size }));
      let left = size;
      return {
        async write(chunk) {
          left -= chunk.length;
          if (left < 0) throw new Error(`more than ${size} bytes for ${name}`);
          await out.write(chunk);
        },
        async close() {
          if (left !== 0) throw new Error(`${left} of ${size} bytes are missing for ${name}`);
          await out.write(padding(size));
          busy = null;
        },
      };
    },
    sync: () => out.sync(),
    async mend(giveBack) {
      await out.close().catch(() => undefined);
      const mended = await mendTar(path, giveBack);
      rehash = true;
      busy = null;
      out = await open(path, mended.next);
      return mended.cut;
    },
    async end() {
      if (busy !== null) throw new Error(`${busy} is still being written`);
      await out.write(tarEnd);
      await out.sync();
      const whole = await out.close();
      return rehash ? hashFile(path) : whole;
    },
    abandon: () =>
      out.close().then(
        () => undefined,
        () => undefined,
      ),
  };
}

function open(path: string, next: number | null): Promise<OutFile> {
  return next === null ? createOutFile(path) : createOutFile(path, { at: next });
}
