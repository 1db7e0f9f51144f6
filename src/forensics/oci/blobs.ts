import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../../store/sync-folder.ts';
import { hexOf } from './media.ts';

/** Where blobs of a layout are, and where those that cases share are. */
export interface BlobPlaces {
  readonly folder: string;
  readonly store: string | null;
}

export function blobPath(layout: Pick<BlobPlaces, 'folder'>, digest: string): string {
  return join(layout.folder, 'blobs', 'sha256', hexOf(digest));
}

/** Puts a whole, synced file in its place by renaming it; a blob that is there already is left, as its name says what it holds. */
export async function placeFile(layout: BlobPlaces, hex: string, file: string, shared: boolean): Promise<void> {
  const path = blobPath(layout, `sha256:${hex}`);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rename(file, path);
  syncFolder(dirname(path));
  if (shared && layout.store !== null) await share(layout.store, hex, path);
}

/**
 * Takes a blob from the store of shared ones, if it has it whole: it is hashed before it is believed, as a byte that was flipped in an
 * old case must not become part of a new one. False when it has it not.
 */
export async function takeShared(layout: BlobPlaces, hex: string, size: number): Promise<boolean> {
  if (layout.store === null) return false;
  const shared = join(layout.store, hex);
  const path = blobPath(layout, `sha256:${hex}`);
  const found = await stat(shared).catch(() => null);
  if (found === null || found.size !== size || (await hashFile(shared)) !== hex) return false;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await linkOrCopy(shared, path);
  } catch (error) {
    // Pruned just now.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
  syncFolder(dirname(path));
  return true;
}

/** Puts a file of the case under its digest as well, without copying where a hard link can be made. The caller vouches for the digest. */
export async function linkBlob(layout: BlobPlaces, hex: string, file: string): Promise<void> {
  const path = blobPath(layout, `sha256:${hex}`);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await linkOrCopy(file, path);
  syncFolder(dirname(path));
}

export async function placeBytes(layout: BlobPlaces, hex: string, bytes: Buffer): Promise<void> {
  await writeDurably(blobPath(layout, `sha256:${hex}`), bytes);
}

/** Whole or not at all, also after a power cut. Readable by its owner alone: evidence holds secrets. */
export async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.partial`;
  const file = await open(partial, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
  syncFolder(dirname(path));
}

export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576, signal })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** A store that cannot take it costs space, and no evidence. */
async function share(store: string, hex: string, path: string): Promise<void> {
  const shared = join(store, hex);
  const partial = `${shared}.${process.pid}.partial`;
  try {
    await mkdir(store, { recursive: true, mode: 0o700 });
    await rm(partial, { force: true });
    // By way of another name: one that is there may be an altered one, and is replaced at once.
    await link(path, partial);
    await rename(partial, shared);
    // Two names of the same file: the rename did nothing.
    await rm(partial, { force: true });
  } catch {
    await rm(partial, { force: true }).catch(() => {});
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  const partial = `${to}.partial`;
  await rm(partial, { force: true });
  try {
    await link(from, partial);
  } catch (error) {
    if (!cannotLink(error)) throw error;
    await copyFile(from, partial);
    const copy = await open(partial, 'r');
    try {
      await copy.sync();
    } finally {
      await copy.close();
    }
  }
  await rename(partial, to);
  await rm(partial, { force: true });
}

/** Another file system, one without hard links, or too many of them. */
function cannotLink(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(String(error.code));
}

/** The most that a configuration or a manifest may hold. */
const small = 8 * 1024 * 1024;

/** A blob that is parsed, from where it lies or from its place. */
export async function readSmall(layout: Pick<BlobPlaces, 'folder'>, hex: string, file: string | null): Promise<Buffer> {
  const path = file ?? blobPath(layout, `sha256:${hex}`);
  const { size } = await stat(path);
  if (size > small) throw new Error(`${path} is larger than ${small / 1024 / 1024} MiB`);
  return readFile(path);
}

/** Removes from the store of shared blobs what no case has any more: a file with one name. */
export async function pruneShared(store: string): Promise<void> {
  for (const name of await readdir(store).catch(() => [])) {
    const path = join(store, name);
    const found = await stat(path).catch(() => null);
    if (found?.isFile() === true && found.nlink === 1) await rm(path, { force: true });
  }
}
