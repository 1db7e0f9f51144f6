import { createHash } from 'node:crypto';
import { archiveEntries } from '../container/clone/archive.ts';
import { withScratch } from '../container/clone/scratch.ts';
import type { Labels } from '../container/own.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { FileChange } from '../domain/engine/files.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import type { ExecutableRecord } from './records.ts';

/** What a running executable is to the image that its container was made from. */
export type Comparison = 'same' | 'differs' | 'not-in-image';

export interface ComparedExecutable {
  readonly path: string;
  /** Null: it could not be found out. */
  readonly comparison: Comparison | null;
  /** The image's, where it was read. */
  readonly imageSha256: string | null;
  /** Why it could not be found out, or what it was judged by. */
  readonly reason: string;
}

export interface CompareOptions {
  /** All four of ours, for the container that the image is read through. */
  readonly labels: Labels;
  /** Of one file of the image; one that is larger stays unknown. (Default: 1 GiB.) */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The engine's own file systems are not in the image. */
const engineMounts = ['/dev', '/proc', '/sys'];
/** More than an executable's name makes. */
const mostRead = 500;

/**
 * Compares what runs with the image. `changes` is what the engine says of the container's layer (`docker diff`): a path that is not in it and
 * below no mount is the image's own file; one that is in it is compared, byte for byte by SHA-256, with the image's, read through a container that
 * is never started. In the order given. An engine that is lost throws; anything else that fails leaves `null`.
 */
export async function compareWithImage(
  engine: Pick<Engine, 'create' | 'remove' | 'readArchive'>,
  inspect: ContainerInspect,
  executables: readonly ExecutableRecord[],
  changes: readonly FileChange[],
  options: CompareOptions,
): Promise<ComparedExecutable[]> {
  const changed = new Set(changes.map(({ path }) => path));
  const mounts = [
    ...engineMounts,
    ...inspect.Mounts.map((mount) => mount.Destination),
    ...Object.keys((inspect.HostConfig.Tmpfs ?? {}) as object),
  ];
  const judged = executables.map((one) => ({ one, known: withoutReading(one, changed, mounts) }));
  const open = judged.filter(({ known }) => known === null).slice(0, mostRead);
  const read = new Map<ExecutableRecord, ComparedExecutable>();
  if (open.length > 0) {
    try {
      await withScratch(engine, { image: inspect.Image, labels: options.labels }, async (id) => {
        for (const { one } of open) read.set(one, await withImageFile(engine, id, one, options));
      });
    } catch (error) {
      if (!(error instanceof EngineError) || error.lost) throw error;
      for (const { one } of open) if (!read.has(one)) read.set(one, unknown(one, `the image could not be read: ${error.message}`));
    }
  }
  return judged.map(({ one, known }) => known ?? read.get(one) ?? unknown(one, `more than ${mostRead} changed executables run`));
}

function withoutReading(one: ExecutableRecord, changed: ReadonlySet<string>, mounts: readonly string[]): ComparedExecutable | null {
  const is = (comparison: Comparison, reason: string) => ({ path: one.path, comparison, imageSha256: null, reason });
  if (!one.path.startsWith('/') || one.path.startsWith('/memfd:')) return is('not-in-image', 'it is of no file system');
  const mount = mounts.find((place) => one.path === place || one.path.startsWith(`${place}/`));
  if (mount !== undefined) return is('not-in-image', `it lies in what is mounted at ${mount}`);
  // one whose file is gone runs on from what it was, and the layer says nothing of that
  if (one.deleted || changed.has(one.path)) return null;
  return is('same', 'its path is unchanged in the container’s layer');
}

async function withImageFile(
  engine: Pick<Engine, 'readArchive'>,
  id: string,
  one: ExecutableRecord,
  { maxBytes = 1 << 30, signal }: CompareOptions,
): Promise<ComparedExecutable> {
  try {
    const tar = await engine.readArchive(id, one.path, { signal });
    if (tar === null)
      return { path: one.path, comparison: 'not-in-image', imageSha256: null, reason: 'the image has no file of that path' };
    const found = await firstFile(tar, maxBytes);
    if (typeof found === 'string') return unknown(one, found);
    if (found === null)
      return { path: one.path, comparison: 'differs', imageSha256: null, reason: 'the image has something else than a file there' };
    const same = found.sha256 === one.sha256;
    return {
      path: one.path,
      comparison: same ? 'same' : 'differs',
      imageSha256: found.sha256,
      reason: same ? 'its content is the image’s' : 'its content is not the image’s',
    };
  } catch (error) {
    if (signal?.aborted || (error instanceof EngineError && error.lost)) throw error;
    return unknown(one, `the image’s file could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unknown(one: ExecutableRecord, reason: string): ComparedExecutable {
  return { path: one.path, comparison: null, imageSha256: null, reason };
}

/** The hash of the archive's one file; null when its first entry is none, a sentence when it is too large. */
async function firstFile(tar: NodeJS.ReadableStream, maxBytes: number): Promise<{ readonly sha256: string } | string | null> {
  for await (const { header, content } of archiveEntries(tar)) {
    if (content === null) return null;
    if (header.size > maxBytes) return `the image’s file is larger than ${maxBytes} bytes`;
    const hash = createHash('sha256');
    for await (const chunk of content) hash.update(chunk);
    return { sha256: hash.digest('hex') };
  }
  return null;
}
