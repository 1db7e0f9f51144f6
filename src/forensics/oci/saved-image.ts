import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path/posix';
import { finished, type Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { FailedError } from '../../domain/errors.ts';
import { createOutFile, type OutFile } from '../case/out-file.ts';

/** A file of the saved image, on disk. */
export interface Spooled {
  /** Null: it need not be written, as `known` had it. */
  readonly path: string | null;
  readonly hex: string;
  readonly size: number;
  readonly compression: 'none' | 'gzip' | 'zstd';
}

export interface SavedImage {
  readonly config: Spooled;
  /** Lowest first. A layer that occurs twice is listed twice. */
  readonly layers: readonly Spooled[];
}

/** Yields buffers. */
type Entry = AsyncIterable<unknown> & { readonly header: Header };

export interface SpoolOptions {
  /** Made and filled; the caller removes it. */
  readonly folder: string;
  /** Whether a blob is here already. Asked for entries that bear their digest as name; they are hashed all the same. */
  known(hex: string, size: number): Promise<boolean>;
  readonly signal: AbortSignal;
}

/**
 * Reads the tar of `docker save`, one chunk in memory at a time. Its `manifest.json` names configuration and layers on every version: as
 * `<id>.json` and `<id>/layer.tar` before Docker 25, where a layer that occurs twice is a symbolic link, as `blobs/sha256/…` since; layers
 * are plain tars with Docker's own store and as they were pulled with containerd's. `manifest.json` comes last, so all are kept till then.
 * @throws FailedError `image_unreadable`.
 */
export async function spoolImage(tar: NodeJS.ReadableStream, options: SpoolOptions): Promise<SavedImage> {
  const { signal } = options;
  const files = new Map<string, Spooled>();
  const links = new Map<string, string>();
  let manifest: string | null = null;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const reader = extract();
  const abort = () => reader.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal.addEventListener('abort', abort, { once: true });
  let lost: Error | null = null;
  finished(tar, { writable: false }, (error) => {
    if (error === undefined || error === null) return;
    lost = error;
    reader.destroy(error);
  });
  try {
    signal.throwIfAborted();
    for await (const entry of tar.pipe(reader)) {
      const { header } = entry;
      const name = normalize(header.name);
      if (header.type === 'symlink' || header.type === 'link') links.set(name, targetOf(name, header));
      else if (name === 'manifest.json') manifest = await textOf(entry);
      else if (header.type === 'file' && !isNoise(name))
        files.set(name, await spool(entry, join(options.folder, String(files.size)), name, options));
      entry.resume();
    }
  } catch (cause) {
    signal.throwIfAborted();
    // The reader says of an entry that was cut only that it was.
    throw lost ?? tarError(cause);
  } finally {
    signal.removeEventListener('abort', abort);
    (tar as Readable).destroy();
  }
  return imageOf(manifest, files, links);
}

async function spool(entry: Entry, path: string, name: string, { known }: SpoolOptions): Promise<Spooled> {
  const size = entry.header.size ?? 0;
  const named = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
  const have = named !== undefined && (await known(named, size));
  const out = have ? justHashed() : await createOutFile(path);
  let first: Buffer | null = null;
  try {
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      first ??= chunk.subarray(0, 4);
      await out.write(chunk);
    }
    await out.sync();
  } catch (error) {
    await out.close().catch(() => null);
    throw error;
  }
  const { sha256: hex } = await out.close();
  if (named !== undefined && named !== hex) throw unreadable(`${name} of it hashes to ${hex.slice(0, 12)}…`);
  return { path: have ? null : path, hex, size, compression: compressionOf(first ?? Buffer.alloc(0)) };
}

/** In place of a file that need not be written. */
function justHashed(): Pick<OutFile, 'write' | 'sync'> & { close(): Promise<{ readonly sha256: string }> } {
  const hash = createHash('sha256');
  return {
    write: async (chunk) => void hash.update(chunk),
    sync: async () => {},
    close: async () => ({ sha256: hash.digest('hex') }),
  };
}

function imageOf(manifest: string | null, files: ReadonlyMap<string, Spooled>, links: ReadonlyMap<string, string>): SavedImage {
  if (manifest === null) throw unreadable('it has no manifest.json');
  const [image] = parse(manifest);
  if (typeof image?.Config !== 'string' || !Array.isArray(image.Layers)) throw unreadable('its manifest.json names no image');
  const find = (path: unknown): Spooled => {
    const name = normalize(String(path));
    const found = files.get(name) ?? files.get(links.get(name) ?? '');
    if (found === undefined) throw unreadable(`${name}, which its manifest.json names, is not in it`);
    return found;
  };
  return { config: find(image.Config), layers: image.Layers.map(find) };
}

function parse(manifest: string): readonly { readonly Config?: unknown; readonly Layers?: unknown }[] {
  try {
    const read: unknown = JSON.parse(manifest);
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}

function targetOf(name: string, header: Header): string {
  const target = header.linkname ?? '';
  return header.type === 'link' ? normalize(target) : join(dirname(name), target);
}

/** What older engines add for still older ones, and what repeats `manifest.json`. */
function isNoise(name: string): boolean {
  return /(^|\/)(VERSION|json|repositories|index\.json|oci-layout)$/.test(name);
}

async function textOf(entry: Entry): Promise<string> {
  if ((entry.header.size ?? 0) > 8 * 1024 * 1024) throw unreadable('its manifest.json is larger than 8 MiB');
  const chunks: Buffer[] = [];
  for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function compressionOf(first: Buffer): Spooled['compression'] {
  if (first.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return 'gzip';
  return first.equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])) ? 'zstd' : 'none';
}

function tarError(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof FailedError) return cause;
  if ('code' in cause) return cause.code === 'STREAM_DESTROYED' ? unreadable('it ends too early') : cause;
  return /tar|end of data/i.test(cause.message) ? unreadable(cause.message) : cause;
}

function unreadable(why: string): FailedError {
  return new FailedError('image_unreadable', `the image that the engine saved cannot be read: ${why}`, {
    hint: 'see the log of the engine; the image stays there and can be saved again',
  });
}
