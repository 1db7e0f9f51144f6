import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { instant } from '../../domain/clock.ts';
import type { Artefact } from '../../domain/evidence.ts';
import { afterStatement, exportOrder } from './artefacts.ts';
import { names } from './case-path.ts';
import { type CoreFile, checkpointPlaces, corePieces, hashPieces, namedCores } from './cores.ts';
import { envelope } from './dsse.ts';
import { hashFile } from './hash-file.ts';
import { type FoundFile, listFiles } from './list-files.ts';
import { type CaseRecord, type Manifest, manifestSchema, maskVariable, mediaTypeOf } from './manifest.ts';
import { readme } from './readme.ts';
import { writeFailure } from './space.ts';
import { statementOf } from './statement.ts';
import { syncTree } from './sync-tree.ts';
import type { CaseWriter } from './writer.ts';

export interface SealOptions {
  /** Makes what needs the statement: the referrer's blobs and `oci/index.json`. Called before the last custody entry, which names them. */
  readonly attach?: ((statement: Buffer) => Promise<void>) | undefined;
  readonly recovered?: boolean | undefined;
  /** Sentences: what should be there and is not. */
  readonly missing?: readonly string[] | undefined;
}

export interface SealedCase {
  readonly manifest: Manifest;
  /** The DSSE envelope. */
  readonly statement: Buffer;
  /** On disk. */
  readonly bytes: number;
}

/**
 * Hashes everything, writes README, manifest and statement, signs it, and lets a custody entry `sealed` name what was made after it. All of
 * it is on the disk when this resolves. The archive must be ended, and `oci/` be there but for its index.
 * @throws FailedError `evidence_no_space`, `evidence_unwritable`.
 */
export async function sealCase(writer: CaseWriter, record: CaseRecord, options: SealOptions = {}): Promise<SealedCase> {
  const { folder } = writer;
  if (writer.checkpointUnfinished) throw new Error('the checkpoint of this case is not ended');
  try {
    await writer.close();
    return await seal(writer, record, options);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? writeFailure(error, folder, 'the signed statement') : error;
  }
}

async function seal(writer: CaseWriter, record: CaseRecord, options: SealOptions): Promise<SealedCase> {
  const { folder, custody } = writer;
  const { id, signer, clock } = writer.options;
  const { files, strange } = await listFiles(folder);
  const cores = await usableCores(folder, files);
  const taken = new Set(cores.whole.map((core) => core.head));
  const present = files.filter(({ path }) => !afterStatement(path) && !taken.has(path) && path !== names.manifest && path !== names.readme);
  const artefacts = await hashAll(writer, present, cores.whole);
  const manifest: Manifest = {
    schema: manifestSchema,
    id,
    sealedAt: instant(clock.now()),
    recovered: options.recovered ?? false,
    ...record,
    environment: record.environment.map(maskVariable),
    cores: cores.whole,
    cut: writer.cut,
    missing: [...(options.missing ?? []), ...cores.missing, ...strange.map((path) => `${path} is not a file and was left out`)],
    artefacts,
  };
  const own = [
    await put(folder, names.manifest, `${JSON.stringify(manifest, null, 2)}\n`),
    await put(folder, names.readme, readme(id, signer.keyid)),
  ];
  const subjects = inOrder([...artefacts, ...own]);
  const bytes = subjects.reduce((sum, subject) => sum + subject.bytes, 0);
  const { hash } = custody.add({ what: 'hashed', data: { files: subjects.length, bytes } });
  const statement = envelope(statementOf(manifest, subjects, { head: hash, keyid: signer.keyid, storage: folder }), signer);
  const written = await put(folder, names.statement, statement);
  await syncTree(folder, [names.key, names.readme, names.statement, names.manifest]);
  await options.attach?.(statement);
  const known = new Set([...subjects.map((subject) => subject.path), ...taken, names.statement, names.key, names.custody]);
  const later = await hashAll(
    writer,
    (await listFiles(folder)).files.filter(({ path }) => !known.has(path)),
    [],
  );
  await syncTree(
    folder,
    (await listFiles(folder)).files.map((file) => file.path),
  );
  custody.add({
    what: 'sealed',
    data: { files: [written, ...later].map(({ path, bytes: size, sha256 }) => ({ path, bytes: size, sha256 })) },
  });
  const total = (await listFiles(folder)).files;
  return { manifest, statement, bytes: onDisk(total) };
}

/** Cores whose head and pages are there; of the others, what is wrong. Their heads stay files of their own. */
async function usableCores(folder: string, files: readonly FoundFile[]): Promise<{ whole: CoreFile[]; missing: string[] }> {
  const places = await checkpointPlaces(folder);
  const heads = new Map(files.map((file) => [file.path, file.bytes]));
  let named: CoreFile[] = [];
  const missing: string[] = [];
  try {
    named = await namedCores(folder);
  } catch {
    missing.push('files/memory.json cannot be read, so no core was put together');
  }
  const whole = named.filter((core) => corePieces(core, heads.get(core.head), places) !== null);
  for (const core of named) if (!whole.includes(core)) missing.push(`${core.path}: its head or its pages are not whole`);
  return { whole, missing };
}

/** What was hashed as it was written is not read again; two names of one file are read once. */
async function hashAll(writer: CaseWriter, files: readonly FoundFile[], cores: readonly CoreFile[]): Promise<Artefact[]> {
  const { folder, written } = writer;
  const byInode = new Map<string, string>();
  for (const file of files) {
    const known = written.get(file.path);
    if (known !== undefined && known.bytes === file.bytes) byInode.set(file.inode, known.sha256);
  }
  const artefacts: Artefact[] = [];
  for (const { path, bytes, inode } of files) {
    const sha256 = byInode.get(inode) ?? (await hashFile(join(folder, path))).sha256;
    byInode.set(inode, sha256);
    artefacts.push({ path, bytes, sha256, mediaType: mediaTypeOf(path) });
  }
  if (cores.length === 0) return inOrder(artefacts);
  const places = await checkpointPlaces(folder);
  for (const core of cores) {
    const pieces = corePieces(core, (await stat(join(folder, core.head))).size, places);
    if (pieces === null) throw new Error(`${core.path} changed while it was hashed`);
    artefacts.push({ path: core.path, bytes: core.bytes, sha256: await hashPieces(folder, pieces), mediaType: mediaTypeOf(core.path) });
  }
  return inOrder(artefacts);
}

async function put(folder: string, path: string, content: string | Buffer): Promise<Artefact> {
  await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
  await writeFile(join(folder, path), content, { mode: 0o600 });
  return { path, mediaType: mediaTypeOf(path), ...(await hashFile(join(folder, path))) };
}

function inOrder(artefacts: readonly Artefact[]): Artefact[] {
  const byPath = new Map(artefacts.map((artefact) => [artefact.path, artefact]));
  return exportOrder(byPath.keys()).flatMap((path) => byPath.get(path) ?? []);
}

/** Two names of one file count once. */
function onDisk(files: readonly FoundFile[]): number {
  return [...new Map(files.map((file) => [file.inode, file.bytes])).values()].reduce((sum, bytes) => sum + bytes, 0);
}
