import { join } from 'node:path';
import { FailedError } from '../../../domain/errors.ts';
import type { SinkFile } from '../../../domain/evidence.ts';
import { names } from '../case-path.ts';
import { giveBack, isSystemError, type Ledger, type WrittenFile } from '../ledger.ts';
import { isFull } from '../space.ts';
import { type CheckpointTar, openCheckpointTar } from './tar.ts';

/** `checkpoint.tar` of a case: what is written to it, and what becomes of an entry that is not written to its end. */
export interface CheckpointEntries {
  /** Begun, and without its end. */
  readonly unfinished: boolean;
  open(path: string, size: number): Promise<SinkFile>;
  end(): Promise<WrittenFile>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** @param ended the archive is whole, from before; `tar`: it is gone on with. */
export function checkpointEntries(
  ledger: Ledger,
  found: { readonly tar: CheckpointTar | null; readonly ended: boolean },
): CheckpointEntries {
  let { tar, ended } = found;
  let current: { failed: boolean } | null = null;

  const archive = async () => {
    if (ended) throw new Error('the checkpoint of this case is ended');
    tar ??= await openCheckpointTar(join(ledger.folder, names.checkpoint), null);
    return tar;
  };
  /** An entry that nobody goes on with: its step was ended by its time limit, or the disk is full. */
  const drop = async (full: boolean) => {
    if (current !== null) current.failed = true;
    current = null;
    const cut = await tar?.mend(full ? giveBack : 0);
    if (cut) ledger.cut.push(cut);
  };

  return {
    get unfinished() {
      return tar !== null;
    },
    async open(path, size) {
      if (current !== null) await drop(false);
      const mine = { failed: false };
      current = mine;
      const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
        if (mine.failed) throw new FailedError('evidence_unwritable', `${path} was given up before`);
        try {
          return await work();
        } catch (error) {
          if (!isSystemError(error) || mine.failed) throw error;
          const told = await ledger.failure(error, path);
          await drop(isFull(error));
          throw told;
        }
      };
      const file = await guarded(async () => (await archive()).entry(path, size));
      return {
        write: (chunk) => guarded(() => file.write(chunk)),
        // one that failed has been told of by `write`
        async close() {
          if (mine.failed) return;
          await guarded(() => file.close());
          current = null;
        },
      };
    },
    async end() {
      if (current !== null) await drop(false);
      try {
        const done = await (await archive()).end();
        ended = true;
        tar = null;
        ledger.written.set(names.checkpoint, done);
        ledger.unsynced.add(names.checkpoint);
        return done;
      } catch (error) {
        throw isSystemError(error) ? await ledger.failure(error, names.checkpoint) : error;
      }
    },
    sync: async () => tar?.sync(),
    async close() {
      if (current !== null) await drop(false);
      await tar?.abandon();
      tar = null;
    },
  };
}
