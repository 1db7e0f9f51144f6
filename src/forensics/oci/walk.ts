import { type Layout, readBlob, readIndex } from './layout.ts';
import { type Descriptor, type Index, type Manifest, mediaTypes, refName } from './media.ts';

/** A manifest or an index, after all that it points at. */
export interface Walked {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
  /** The tag; null for what is found by its digest alone. */
  readonly tag: string | null;
  readonly blobs: readonly Descriptor[];
  /** The digest that it refers to. */
  readonly subject: string | null;
}

/** All manifests of a layout in an order in which a registry takes them: the parts before the whole, what is referred to before what refers. */
export async function walkLayout(layout: Pick<Layout, 'folder'>): Promise<Walked[]> {
  const found = new Map<string, Walked>();
  const visit = async (descriptor: Descriptor, tag: string | null): Promise<void> => {
    const bytes = await readBlob(layout, descriptor.digest);
    for (const child of childrenOf(bytes)) await visit(child, null);
    const known = found.get(descriptor.digest);
    if (known === undefined || known.tag === null) found.set(descriptor.digest, { descriptor, bytes, tag, ...partsOf(bytes) });
  };
  for (const descriptor of await readIndex(layout)) await visit(descriptor, descriptor.annotations?.[refName] ?? null);
  return [...found.values()].sort((a, b) => Number(a.subject !== null) - Number(b.subject !== null));
}

/** What an index lists. */
export function childrenOf(bytes: Buffer): readonly Descriptor[] {
  const { mediaType, manifests } = JSON.parse(bytes.toString()) as Partial<Index>;
  return mediaType === mediaTypes.index ? (manifests ?? []) : [];
}

/** What a manifest points at. */
export function partsOf(bytes: Buffer): Pick<Walked, 'blobs' | 'subject'> {
  const { config, layers = [], subject } = JSON.parse(bytes.toString()) as Partial<Manifest>;
  const blobs = [...(config === undefined ? [] : [config]), ...layers];
  return {
    blobs: blobs.filter(({ digest }, at) => blobs.findIndex((other) => other.digest === digest) === at),
    subject: subject?.digest ?? null,
  };
}
