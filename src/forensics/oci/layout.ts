import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PitwallError } from '../../domain/errors.ts';
import { writeFailure } from '../case/space.ts';
import { blobPath, placeBytes, writeDurably } from './blobs.ts';
import { type Descriptor, type Index, mediaTypes, refName, sorted } from './media.ts';

/** An OCI image layout of one case. https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
export interface Layout {
  /** `<case>/oci`. */
  readonly folder: string;
  /** The tag of the committed image, the case's id in lower case; the others begin with it. */
  readonly name: string;
  /** Where blobs that cases share are kept once, `<evidence.path>/blobs/sha256`; null: each case keeps its own. */
  readonly store: string | null;
}

export function openLayout(caseFolder: string, evidenceId: string, evidencePath: string | null): Layout {
  return {
    folder: join(caseFolder, 'oci'),
    name: evidenceId.toLowerCase(),
    store: evidencePath === null ? null : join(evidencePath, 'blobs', 'sha256'),
  };
}

/** What `index.json` lists; empty before the first image. */
export async function readIndex(layout: Pick<Layout, 'folder'>): Promise<readonly Descriptor[]> {
  try {
    return (JSON.parse(await readFile(join(layout.folder, 'index.json'), 'utf8')) as Index).manifests;
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/**
 * Writes a manifest or an index as a blob and lists it in `index.json`, in the place of what had its name, or its digest where it has none.
 * The list is sorted, so that the same evidence makes the same bytes, whatever came first.
 */
export async function addManifest(layout: Layout, content: object, descriptor: Omit<Descriptor, 'digest' | 'size'>): Promise<Descriptor> {
  const { annotations, ...rest } = descriptor;
  const added: Descriptor = { ...rest, ...(await addBytes(layout, Buffer.from(JSON.stringify(content)))), ...sorted(annotations) };
  const others = (await readIndex(layout)).filter((each) => keyOf(each) !== keyOf(added));
  const manifests = [...others, added].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const index: Index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
  await writeDurably(join(layout.folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeDurably(join(layout.folder, 'index.json'), JSON.stringify(index));
  return added;
}

/** A small blob. */
export async function addBytes(layout: Layout, bytes: Buffer): Promise<{ readonly digest: string; readonly size: number }> {
  const hex = createHash('sha256').update(bytes).digest('hex');
  await placeBytes(layout, hex, bytes);
  return { digest: `sha256:${hex}`, size: bytes.length };
}

export async function readBlob(layout: Pick<Layout, 'folder'>, digest: string): Promise<Buffer> {
  return readFile(blobPath(layout, digest));
}

/** What the disk says, as an error that names the case; other errors as they are. */
export async function ofDisk(error: unknown, layout: Pick<Layout, 'folder'>): Promise<unknown> {
  const disk = error instanceof Error && 'syscall' in error && !(error instanceof PitwallError);
  return disk ? writeFailure(error, layout.folder, 'oci/') : error;
}

/** Statements have no name: they are found by what they are about. */
function keyOf(descriptor: Descriptor): string {
  const name = descriptor.annotations?.[refName];
  return name === undefined ? `~${descriptor.digest}` : name;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
