import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { names } from '../case-path.ts';
import { padding, paddingLength, tarEnd, tarHeader } from '../checkpoint/tar-header.ts';
import type { publicKeyOf } from '../keys.ts';
import type { ExportFile } from '../signed-files.ts';
import { type ByteReader, byteReader } from './byte-reader.ts';
import { nextHeader } from './header.ts';
import type { Problems } from './problems.ts';
import { type CheckedWords, verifyWords } from './words.ts';

/** What an export begins with, in this order; held in memory. */
const leading: readonly string[] = [names.readme, names.statement, names.key, names.custody];
const longest = 64 << 20;

/** Checks an export in one pass, unpacking nothing. Every byte of it is compared with the one that must be there, or goes into a hash. */
export async function verifyTar(
  path: string,
  given: ReturnType<typeof publicKeyOf> | null,
  problems: Problems,
): Promise<{ words: CheckedWords; checked: number; bytes: number } | null> {
  const reader = byteReader(path);
  try {
    const contents = await readLeading(reader, problems);
    const statement = contents.get(names.statement);
    const words =
      statement === undefined
        ? null
        : verifyWords({ statement, key: contents.get(names.key) ?? null, custody: contents.get(names.custody) ?? null }, given, problems);
    if (words === null) return null;
    if (words.entries.at(-1)?.what !== 'exported')
      problems.add(names.custody, 'does not end with this export: entries were taken away or added');
    const readme = contents.get(names.readme);
    const signed = words.files.find((file) => file.path === names.readme);
    if (readme !== undefined && (signed === undefined || sha256(readme) !== signed.sha256)) {
      problems.add(names.readme, 'was changed: its SHA-256 is another');
    }
    const rest = words.files.filter((file) => file.path !== names.readme);
    if (await verifyEntries(reader, rest, problems)) await verifyEnd(reader, basename(path), problems);
    return { words, checked: words.files.length + 3, bytes: words.files.reduce((sum, file) => sum + file.bytes, 0) };
  } finally {
    await reader.close();
  }
}

async function readLeading(reader: ByteReader, problems: Problems): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for (let last = -1; ; ) {
    const header = await nextHeader(reader);
    if (header.kind !== 'entry' || !leading.includes(header.path) || header.size > longest) {
      const next = leading.find((name) => !contents.has(name));
      if (header.kind === 'damaged' && next !== undefined) problems.add(next, 'its header in the archive is damaged or missing');
      break;
    }
    const { path, size } = header;
    const place = leading.indexOf(path);
    if (place <= last) problems.add(path, 'stands in another place of the archive than it should, or twice');
    last = place;
    if (!header.raw.equals(tarHeader({ path, size }))) problems.add(path, 'its header in the archive was changed');
    await reader.skip(header.raw.length);
    const content = await reader.take(size);
    if (content.length < size) problems.add(path, 'the archive ends inside it');
    await verifyPadding(reader, path, size, problems);
    contents.set(path, Buffer.from(content));
  }
  for (const name of leading) if (!contents.has(name)) problems.add(name, 'is missing');
  return contents;
}

/** Answers false when the archive ended before them. */
async function verifyEntries(reader: ByteReader, files: readonly ExportFile[], problems: Problems): Promise<boolean> {
  const places = new Map(files.map((file, at) => [file.path, at]));
  for (let at = 0; ; ) {
    const file = files[at];
    const wanted =
      file === undefined
        ? null
        : tarHeader(file.link === null ? { path: file.path, size: file.bytes } : { path: file.path, size: 0, link: file.link });
    if (file !== undefined && wanted !== null && (await reader.peek(wanted.length)).equals(wanted)) {
      await reader.skip(wanted.length);
      if (file.link === null && !(await verifyContent(reader, file, problems))) return missing(files.slice(at + 1), problems);
      at += 1;
      continue;
    }
    const header = await nextHeader(reader);
    if (header.kind !== 'entry') {
      if (header.kind === 'end' || header.raw.length === 0) {
        missing(files.slice(at), problems);
        return header.kind === 'end';
      }
      if (file === undefined || wanted === null) return true;
      // taken for the header that must be here, so that what follows can still be told
      problems.add(file.path, 'its header in the archive was changed');
      await reader.skip(wanted.length);
      if (file.link === null && !(await verifyContent(reader, file, problems))) return missing(files.slice(at + 1), problems);
      at += 1;
      continue;
    }
    const place = places.get(header.path);
    if (place !== undefined && place > at) {
      missing(files.slice(at, place), problems);
      at = place;
      continue;
    }
    if (place === at) {
      problems.add(header.path, 'its header in the archive was changed');
      at += 1;
    } else {
      const known = place !== undefined || leading.includes(header.path);
      problems.add(
        header.path,
        known ? 'stands in another place of the archive than it should, or twice' : 'is not part of the signed evidence',
      );
    }
    await reader.skip(header.raw.length);
    if (!(await reader.skip(header.size + paddingLength(header.size)))) {
      problems.add(header.path, 'the archive ends inside it');
      return missing(files.slice(at), problems);
    }
  }
}

function missing(files: readonly ExportFile[], problems: Problems): false {
  for (const file of files) problems.add(file.path, 'is missing, or stands in another place of the archive');
  return false;
}

async function verifyContent(reader: ByteReader, file: ExportFile, problems: Problems): Promise<boolean> {
  const { sha256: is, complete } = await reader.hash(file.bytes);
  if (!complete) problems.add(file.path, 'the archive ends inside it');
  else if (is !== file.sha256) problems.add(file.path, 'was changed: its SHA-256 is another');
  return complete && (await verifyPadding(reader, file.path, file.bytes, problems));
}

async function verifyPadding(reader: ByteReader, path: string, size: number, problems: Problems): Promise<boolean> {
  const wanted = padding(size);
  const is = await reader.take(wanted.length);
  if (!is.equals(wanted))
    problems.add(path, is.length < wanted.length ? 'the archive ends inside it' : 'the bytes that fill it up were changed');
  return is.length === wanted.length;
}

async function verifyEnd(reader: ByteReader, archive: string, problems: Problems): Promise<void> {
  if (!(await reader.take(tarEnd.length)).equals(tarEnd)) problems.add(archive, 'its end was changed');
  if ((await reader.peek(1)).length > 0) problems.add(archive, 'something stands behind its end');
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
