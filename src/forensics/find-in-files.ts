import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { archiveEntries } from '../container/clone/archive.ts';
import { createMatcher } from './memory/match.ts';
import type { Needles } from './memory/search.ts';
import type { DeletedFileRecord, TmpfsRecord } from './records.ts';

export interface FoundFile {
  /** As it was called in the container. */
  readonly path: string;
  readonly kind: 'tmpfs' | 'deleted';
  /** In the case. */
  readonly kept: string;
  readonly matches: number;
}

export interface KeptFiles {
  readonly deleted: readonly DeletedFileRecord[];
  readonly tmpfs: readonly TmpfsRecord[];
}

/** Contents of files that are on no disk any more, each with how often a needle is in it. What cannot be read is told in `gaps`. */
export async function* searchFiles(
  folder: string,
  { deleted, tmpfs }: KeptFiles,
  needles: Needles,
  gaps: Set<string>,
): AsyncGenerator<FoundFile> {
  for (const { path: kept, source: path } of deleted) {
    try {
      if (!/^files\/deleted\/\d+$/.test(kept)) throw new Error('not a path of ours');
      yield { path, kind: 'deleted', kept, matches: await countIn(createReadStream(join(folder, kept)), needles) };
    } catch {
      gaps.add(`${path} (deleted), kept as ${kept}, cannot be read`);
    }
  }
  for (const { path: kept, mount } of tmpfs) {
    try {
      if (!/^files\/tmpfs\/\d+\.tar$/.test(kept)) throw new Error('not a path of ours');
      for await (const { header, content } of archiveEntries(createReadStream(join(folder, kept), { highWaterMark: 1 << 20 }))) {
        if (content === null) continue;
        // of a sparse file the parts with data, one behind the other
        const name = (header.pax as Record<string, string> | undefined)?.['GNU.sparse.name'] ?? header.name;
        const path = `${mount.replace(/\/$/, '')}/${name.replace(/^\.?\//, '')}`;
        yield { path, kind: 'tmpfs', kept, matches: await countIn(content, needles) };
      }
    } catch {
      gaps.add(`the tmpfs ${mount}, kept as ${kept}, cannot be read to its end`);
    }
  }
}

async function countIn(content: AsyncIterable<Uint8Array>, needles: Needles): Promise<number> {
  let matches = 0;
  const matchers = needles.map((needle) => createMatcher(needle, () => matches++));
  let at = 0;
  for await (const chunk of content) {
    for (const match of matchers) match(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length), at);
    at += chunk.length;
  }
  return matches;
}
