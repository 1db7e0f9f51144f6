import { posix } from 'node:path';
import { archiveEntries, contentOf } from '../../../container/clone/archive.ts';
import type { Reading } from './contract.ts';

export interface TreeFile {
  /** Absolute, in the container. */
  readonly path: string;
  readonly content: Buffer;
}

export interface Tree {
  /** What is there is one file, no folder. */
  readonly isFile: boolean;
  readonly files: readonly TreeFile[];
  /** Files that were to be left alone. */
  readonly left: readonly string[];
  /** What was not read, and why. */
  readonly unread: readonly string[];
}

export interface TreeOptions {
  /** To be left alone: its name is told in `left`. */
  readonly leave: (path: string) => boolean;
  /** A folder is not entered. (Default: it is.) */
  readonly onlyFile?: boolean;
  /** Links out of it are told as unread. (Default: they are.) */
  readonly sayLinks?: boolean;
}

/** Of a file: what is larger holds data. */
const mostFileBytes = 256 * 1024;
const mostFiles = 200;
/** Of a tree, what is passed over included. */
const mostTreeBytes = 4 * 1024 * 1024;
const mostLinks = 8;

/**
 * The small files of a path in a container, as its engine gives them out: what is mounted there is seen as it is on the host, which for a single file
 * need not be what the container sees. A link is followed where the path itself is one. Null when there is nothing.
 */
export async function readTree(reading: Reading, id: string, path: string, options: TreeOptions): Promise<Tree | null> {
  let at = path;
  for (let links = 0; links < mostLinks; links++) {
    const read = await readOnce(reading, id, at, options);
    if (typeof read !== 'string') return read;
    at = posix.resolve(posix.dirname(at), read);
  }
  return { isFile: true, files: [], left: [], unread: [`${path}: its links lead round and round`] };
}

/** Where it leads to, when the path is a link. */
async function readOnce({ engine, signal, room }: Reading, id: string, path: string, options: TreeOptions): Promise<Tree | string | null> {
  const tar = await engine.readArchive(id, path, { signal });
  if (tar === null) return null;
  const files: TreeFile[] = [];
  const left: string[] = [];
  const unread: string[] = [];
  let isFile = true;
  let first = true;
  let passed = 0;
  let tooLarge = 0;
  let leadsOut = 0;
  try {
    for await (const { header, content } of archiveEntries(tar)) {
      if (first && header.type === 'symlink') return header.linkname ?? '';
      if (first) isFile = content !== null;
      if (first && !isFile && options.onlyFile === true) break;
      first = false;
      const own = posix.join(posix.dirname(path), header.name);
      if (header.type === 'symlink' && !isBelow(posix.resolve(posix.dirname(own), header.linkname ?? ''), path)) leadsOut++;
      if (content === null) continue;
      if (options.leave(own)) {
        left.push(own);
        continue;
      }
      const size = header.size ?? 0;
      passed += size;
      if (files.length >= mostFiles || passed > mostTreeBytes) {
        unread.push(`the rest of ${path}, of which the first ${files.length} small files were read`);
        break;
      }
      if (size > mostFileBytes) tooLarge++;
      else if (!room.take(size)) {
        unread.push(`the rest of ${path}: too much to read in all`);
        break;
      } else files.push({ path: own, content: (await contentOf(content, mostFileBytes)) ?? Buffer.alloc(0) });
    }
  } catch {
    signal.throwIfAborted();
    // files that change while they are read end an archive early; an engine that is lost says so to the next who asks
    unread.push(`the rest of ${path}: it ended half-way`);
  }
  if (tooLarge > 0) unread.push(`${tooLarge === 1 ? 'a file' : `${tooLarge} files`} of ${path} over ${mostFileBytes / 1024} KiB`);
  if (leadsOut > 0 && options.sayLinks !== false)
    unread.push(`${leadsOut === 1 ? 'a link' : `${leadsOut} links`} in ${path} that ${leadsOut === 1 ? 'leads' : 'lead'} out of it`);
  return { isFile, files, left, unread };
}

export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
