import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvidenceSink } from '../../domain/evidence.ts';
import { checkedId, checkedPath, names, reserveName } from './case-path.ts';
import { type CheckpointEntries, checkpointEntries } from './checkpoint/entries.ts';
import { type CutFile, mendTar, walkTar } from './checkpoint/mend-tar.ts';
import { type CheckpointMeta, checkpointFiles } from './checkpoint/meta.ts';
import { openCheckpointTar } from './checkpoint/tar.ts';
import { type Custody, type CustodyOptions, openCustody } from './custody.ts';
import { isSystemError, type Ledger, openLedger, reserve, type WrittenFile } from './ledger.ts';
import { plainFiles } from './plain-files.ts';
import { writeFailure } from './space.ts';
import { syncTree } from './sync-tree.ts';

export interface CaseOptions extends CustodyOptions {
  /** `evidence.path`; the case is the folder `<root>/<id>`. */
  readonly root: string;
}

/**
 * The evidence of one container while it is gathered. When the disk is full, calls throw FailedError `evidence_no_space`; the file that was
 * being written is cut and listed in `cut`, everything else stays valid, and small files can still be written.
 */
export interface CaseWriter extends EvidenceSink {
  readonly options: CaseOptions;
  readonly folder: string;
  readonly custody: Custody;
  readonly cut: readonly CutFile[];
  /** Of files that were closed whole. */
  readonly written: ReadonlyMap<string, WrittenFile>;
  json(path: string, value: unknown): Promise<WrittenFile>;
  text(path: string, content: string): Promise<WrittenFile>;
  /** Of a length that nobody knows before. `cut`: it was longer than `maxBytes`, and the rest was not read. */
  stream(
    path: string,
    readable: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number },
  ): Promise<{ readonly bytes: number; readonly cut: boolean }>;
  /** `checkpoint.tar` is begun and not ended. */
  readonly checkpointUnfinished: boolean;
  /** Adds what checkpointctl asks for and ends `checkpoint.tar`. */
  finishCheckpoint(meta: CheckpointMeta): Promise<WrittenFile>;
  /** Everything that was written is on the disk, names included. Before this the target must not be released. */
  sync(): Promise<void>;
  /** Lets go of open files; what was not finished can be taken up with `reopenCase`. */
  close(): Promise<void>;
}

/** Makes the folder of a new case, mode 0700. @throws FailedError `evidence_no_space`, `evidence_unwritable`. */
export async function openCase(options: CaseOptions): Promise<CaseWriter> {
  const folder = join(options.root, checkedId(options.id));
  let made = false;
  try {
    await mkdir(options.root, { recursive: true, mode: 0o700 });
    await mkdir(folder, { mode: 0o700 });
    made = true;
    await writeFile(join(folder, names.key), options.signer.publicKey, { flag: 'wx', mode: 0o600 });
    await writeFile(join(folder, reserveName), Buffer.alloc(reserve), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const told = writeFailure(error, options.root, options.id);
    if (made) await rm(folder, { recursive: true, force: true });
    throw told;
  }
  const ledger = openLedger(folder, []);
  return caseWriter(options, ledger, checkpointEntries(ledger, { tar: null, ended: false }));
}

/** Takes up a case that a crash left half-made: its archive is mended, and what was cut is listed. */
export async function reopenCase(options: CaseOptions): Promise<CaseWriter> {
  const folder = join(options.root, checkedId(options.id));
  const archive = join(folder, names.checkpoint);
  try {
    await writeFile(join(folder, names.key), options.signer.publicKey, { mode: 0o600 });
    const ended = await isEnded(archive);
    const mended = ended === false ? await mendTar(archive) : null;
    const ledger = openLedger(folder, mended?.cut ? [mended.cut] : []);
    // not even its first header is there
    if (mended?.next === 0) await rm(archive);
    const tar = mended === null || mended.next === 0 ? null : await openCheckpointTar(archive, mended.next);
    return caseWriter(options, ledger, checkpointEntries(ledger, { tar, ended: ended === true }));
  } catch (error) {
    throw isSystemError(error) ? writeFailure(error, options.root, options.id) : error;
  }
}

function caseWriter(options: CaseOptions, ledger: Ledger, checkpoint: CheckpointEntries): CaseWriter {
  const { folder, cut, written } = ledger;
  const plain = plainFiles(ledger);
  const whole = async (path: string, content: Uint8Array): Promise<WrittenFile> => {
    const file = await plain.open(path, content.length);
    await file.write(content);
    await file.close();
    const done = written.get(path);
    if (done === undefined) throw new Error(`${path} was not written`);
    return done;
  };
  return {
    options,
    folder,
    cut,
    written,
    custody: openCustody(folder, options),
    file: async (path, size) => (checkedPath(path).startsWith('checkpoint/') ? checkpoint : plain).open(path, size),
    json: (path, value) => whole(plainPath(path), Buffer.from(`${JSON.stringify(value, null, 2)}\n`)),
    text: (path, content) => whole(plainPath(path), Buffer.from(content)),
    async stream(path, readable, { maxBytes }) {
      const file = await plain.open(plainPath(path), null);
      let left = maxBytes;
      try {
        for await (const chunk of readable) {
          const fits = chunk.length <= left;
          await file.write(fits ? chunk : chunk.subarray(0, left));
          left -= Math.min(left, chunk.length);
          if (fits) continue;
          await file.giveUp();
          return { bytes: maxBytes, cut: true };
        }
      } catch (error) {
        await file.giveUp();
        throw error;
      }
      await file.close();
      return { bytes: maxBytes - left, cut: false };
    },
    get checkpointUnfinished() {
      return checkpoint.unfinished;
    },
    async finishCheckpoint(meta) {
      for (const [path, content] of checkpointFiles(meta)) {
        const file = await checkpoint.open(path, content.length);
        await file.write(content);
        await file.close();
      }
      return checkpoint.end();
    },
    async sync() {
      try {
        await checkpoint.sync();
        const files = [...ledger.unsynced];
        await syncTree(folder, files);
        for (const file of files) ledger.unsynced.delete(file);
      } catch (error) {
        throw await ledger.failure(error, 'what was written');
      }
    },
    async close() {
      await plain.giveUpAll();
      await checkpoint.close();
      await rm(join(folder, reserveName), { force: true });
    },
  };
}

/** `json`, `text` and `stream` write files of their own. */
function plainPath(path: string): string {
  if (path.startsWith('checkpoint/')) throw new Error(`${path} is written with file()`);
  return checkedPath(path);
}

/** Null: there is none. */
async function isEnded(path: string): Promise<boolean | null> {
  try {
    await using handle = await open(path, 'r');
    return (await walkTar(handle)).ended;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
