import { lstat, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { names } from '../case-path.ts';
import { checkpointPlaces, corePieces, hashPieces, namedCores } from '../cores.ts';
import { hashFile } from '../hash-file.ts';
import type { publicKeyOf } from '../keys.ts';
import { listFiles } from '../list-files.ts';
import type { ExportFile } from '../signed-files.ts';
import type { Problems } from './problems.ts';
import { type CheckedWords, verifyWords } from './words.ts';

const longest = 64 << 20;

/** Checks a case in its folder. Answers what was checked; null when nothing could be. */
export async function verifyFolder(
  folder: string,
  given: ReturnType<typeof publicKeyOf> | null,
  problems: Problems,
): Promise<{ words: CheckedWords; checked: number; bytes: number } | null> {
  const [statement, key, custody] = await Promise.all(
    [names.statement, names.key, names.custody].map((path) => read(folder, path, problems)),
  );
  const words = statement ? verifyWords({ statement, key: key ?? null, custody: custody ?? null }, given, problems) : null;
  if (words === null) return null;

  const { files, strange } = await listFiles(folder);
  for (const path of strange) problems.add(path, 'is not a file');
  const inodes = new Map(files.map((file) => [file.path, file.inode]));
  const cores = new Map((await namedCores(folder).catch(() => [])).map((core) => [core.path, core]));
  const places = await checkpointPlaces(folder);
  const hashes = new Map<string, { sha256: string; bytes: number }>();
  const expected = new Set<string>([names.statement, names.key, names.custody]);
  let bytes = 0;

  const found = async ({ path }: ExportFile) => {
    const inode = inodes.get(path);
    if (inode !== undefined) {
      const known = hashes.get(inode) ?? (await hashFile(join(folder, path)));
      hashes.set(inode, known);
      return known;
    }
    const core = cores.get(path);
    if (core === undefined) return null;
    expected.add(core.head);
    const head = await stat(join(folder, core.head)).catch(() => null);
    const pieces = corePieces(core, head?.size, places);
    return pieces === null ? null : { sha256: await hashPieces(folder, pieces), bytes: core.bytes };
  };
  for (const file of words.files) {
    expected.add(file.path);
    const is = await found(file).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    if (is instanceof Error) problems.add(file.path, `cannot be read: ${is.message}`);
    else if (is === null) problems.add(file.path, 'is missing');
    else if (is.bytes !== file.bytes) problems.add(file.path, `is ${is.bytes} bytes long and not ${file.bytes}`);
    else if (is.sha256 !== file.sha256) problems.add(file.path, 'was changed: its SHA-256 is another');
    bytes += file.bytes;
  }
  for (const { path } of files) if (!expected.has(path)) problems.add(path, 'is not part of the signed evidence');
  return { words, checked: words.files.length + 3, bytes };
}

/** A folder may be anybody's: a pipe would never be read to its end, nor a device. */
async function read(folder: string, path: string, problems: Problems): Promise<Buffer | null> {
  try {
    const found = await lstat(join(folder, path));
    if (!found.isFile() || found.size > longest)
      throw new Error(found.isFile() ? `it is longer than ${longest} bytes` : 'it is not a file');
    return await readFile(join(folder, path));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const sealed = path === names.statement ? ': the case was not sealed' : '';
    problems.add(path, missing ? `is missing${sealed}` : `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}
