import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { names } from './case-path.ts';
import { type TarPlace, walkTar } from './checkpoint/mend-tar.ts';
import { hashRange } from './hash-file.ts';

/** A core that is nowhere as one file: its head stands in the case, its pages in `checkpoint.tar`. */
export interface CoreFile {
  /** In the export: `cores/core.N`. */
  readonly path: string;
  /** In the case. */
  readonly head: string;
  /** The entry of `checkpoint.tar`. */
  readonly pages: string;
  readonly bytes: number;
}

/** Pieces of files on disk that make a core when they are put behind each other. */
export interface Piece {
  readonly file: string;
  readonly start: number;
  readonly length: number;
}

const memory = z.object({
  processes: z.array(
    z.object({
      core: z
        .object({
          path: z.string().regex(/^cores\/[A-Za-z0-9_-][A-Za-z0-9._-]*$/),
          head: z.string().regex(/^cores\/[A-Za-z0-9_-][A-Za-z0-9._-]*$/),
          pages: z.string().regex(/^checkpoint\/[A-Za-z0-9_-][A-Za-z0-9._-]*$/),
          bytes: z.number().int().nonnegative(),
        })
        .nullable(),
    }),
  ),
});

/** What `files/memory.json` says of cores; none when it is not there. Throws when it cannot be understood. */
export async function namedCores(folder: string): Promise<CoreFile[]> {
  let text: string;
  try {
    text = await readFile(join(folder, 'files/memory.json'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const seen = new Set<string>();
  return memory.parse(JSON.parse(text)).processes.flatMap(({ core }) => {
    if (core === null || seen.has(core.path)) return [];
    seen.add(core.path);
    return [core];
  });
}

/** Where the entries of `checkpoint.tar` are; none when there is no such archive. */
export async function checkpointPlaces(folder: string): Promise<Map<string, TarPlace>> {
  try {
    await using handle = await open(join(folder, names.checkpoint), 'r');
    return new Map((await walkTar(handle)).entries.map((entry) => [entry.path, entry]));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw error;
  }
}

/** Null when head or pages are not there, or are not as long as the core is said to be. */
export function corePieces(
  core: CoreFile,
  headBytes: number | undefined,
  places: ReadonlyMap<string, Pick<TarPlace, 'content' | 'size'>>,
): [Piece, Piece] | null {
  const pages = places.get(core.pages);
  if (headBytes === undefined || pages === undefined || headBytes + pages.size !== core.bytes) return null;
  return [
    { file: core.head, start: 0, length: headBytes },
    { file: names.checkpoint, start: pages.content, length: pages.size },
  ];
}

export async function hashPieces(folder: string, pieces: readonly Piece[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { file, start, length } of pieces) {
    await using handle = await open(join(folder, file), 'r');
    await hashRange(handle, start, length, hash);
  }
  return hash.digest('hex');
}
