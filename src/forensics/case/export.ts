import { createReadStream, createWriteStream } from 'node:fs';
import { link, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FailedError, InvalidError } from '../../domain/errors.ts';
import { names } from './case-path.ts';
import { padding, tarEnd, tarHeader } from './checkpoint/tar-header.ts';
import { checkpointPlaces, corePieces, namedCores, type Piece } from './cores.ts';
import type { Custody } from './custody.ts';
import { isSystemError } from './ledger.ts';
import { listFiles } from './list-files.ts';
import { readSigned } from './read-signed.ts';
import { exportFiles } from './signed-files.ts';
import { writeFailure } from './space.ts';

export interface Exported {
  readonly bytes: number;
  readonly files: number;
}

/**
 * Writes a sealed case as one tar of which every byte follows from what is in it. A custody entry `exported` is added first and is in it.
 * A file is written beside its final name and put there when it is whole; nothing is overwritten.
 * @throws FailedError `evidence_unsealed`, `evidence_changed`, `evidence_no_space`; InvalidError `export_exists`.
 */
export async function exportCase(folder: string, out: string | Writable, custody: Custody): Promise<Exported> {
  if (typeof out !== 'string') return stream(folder, out, custody, 'a stream');
  if ((await stat(out).catch(() => null)) !== null) throw exists(out);
  const part = `${out}.part`;
  await writeFile(part, '', { flag: 'wx', mode: 0o600 }).catch(async (error: unknown) => {
    throw isThere(error) ? exists(part) : writeFailure(error, dirname(out), basename(part));
  });
  try {
    const to = createWriteStream(part, { flags: 'r+', flush: true, highWaterMark: 4 << 20 });
    const exported = await stream(folder, to, custody, basename(out));
    await putInPlace(part, out);
    return exported;
  } catch (error) {
    throw isSystemError(error) ? writeFailure(error, dirname(out), basename(part)) : error;
  } finally {
    await rm(part, { force: true });
    await using above = await open(dirname(out), 'r');
    await above.sync();
  }
}

async function stream(folder: string, out: Writable, custody: Custody, to: string): Promise<Exported> {
  await readSigned(folder);
  custody.add({ what: 'exported', data: { to } });
  const entries = await entriesOf(folder);
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of tarOf(folder, entries)) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(Readable.from(counted(), { objectMode: false, highWaterMark: 4 << 20 }), out);
  return { bytes, files: entries.length };
}

interface Entry {
  readonly path: string;
  readonly bytes: number;
  readonly link: string | null;
  /** Where its content is; the words of the case are held in memory. */
  readonly content: Buffer | readonly Piece[];
}

async function entriesOf(folder: string): Promise<Entry[]> {
  const { statement, later } = await readSigned(folder);
  const places = await checkpointPlaces(folder);
  const cores = new Map((await namedCores(folder).catch(() => [])).map((core) => [core.path, core]));
  const entries: Entry[] = [];
  // no link is followed: it would put a file from elsewhere into the export
  const { files } = await listFiles(folder);
  const sizes = new Map(files.map(({ path, bytes }) => [path, bytes]));
  for (const file of exportFiles(statement, later)) {
    const core = cores.get(file.path);
    const own = sizes.get(file.path);
    const pieces: readonly Piece[] =
      core === undefined || own !== undefined
        ? [{ file: file.path, start: 0, length: own ?? -1 }]
        : (corePieces(core, sizes.get(core.head), places) ?? []);
    if (pieces.reduce((sum, piece) => sum + piece.length, 0) !== file.bytes) {
      throw new FailedError('evidence_changed', `${file.path} in ${folder} is missing or not as long as when it was signed`, {
        hint: 'pitwall evidence verify tells more',
      });
    }
    entries.push({ ...file, content: pieces });
    if (file.path !== names.statement) continue;
    for (const path of [names.key, names.custody]) {
      const content = await readFile(join(folder, path));
      entries.push({ path, bytes: content.length, link: null, content });
    }
  }
  return entries;
}

async function* tarOf(folder: string, entries: readonly Entry[]): AsyncGenerator<Buffer> {
  for (const { path, bytes, link: to, content } of entries) {
    yield tarHeader(to === null ? { path, size: bytes } : { path, size: 0, link: to });
    if (to !== null) continue;
    if (Buffer.isBuffer(content)) yield content;
    else for (const piece of content) yield* piecesOf(folder, piece);
    if (bytes % 512 !== 0) yield padding(bytes);
  }
  yield tarEnd;
}

/** Exactly as long as it was when the header was written. */
async function* piecesOf(folder: string, { file, start, length }: Piece): AsyncGenerator<Buffer> {
  if (length === 0) return;
  let left = length;
  for await (const chunk of createReadStream(join(folder, file), { start, end: start + length - 1, highWaterMark: 1 << 20 })) {
    left -= (chunk as Buffer).length;
    yield chunk as Buffer;
  }
  if (left !== 0) throw new FailedError('evidence_changed', `${file} in ${folder} became shorter while it was exported`);
}

/** A link is made only where nothing is, while renaming would overwrite; some disks have no links. */
async function putInPlace(part: string, out: string): Promise<void> {
  try {
    await link(part, out);
  } catch (error) {
    if (isThere(error) || (await stat(out).catch(() => null)) !== null) throw exists(out);
    await rename(part, out);
  }
}

function exists(path: string): InvalidError {
  return new InvalidError('export_exists', `${path} exists already`, { hint: 'choose another file: nothing is overwritten' });
}

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
