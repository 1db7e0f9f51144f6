/** The words of the OCI image specification that evidence uses. https://github.com/opencontainers/image-spec */

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  /** Of our own: says that a manifest is a checkpoint to be looked at, and nothing to be run. */
  checkpoint: 'application/vnd.pitwall.checkpoint.v1',
  bundle: 'application/vnd.dev.sigstore.bundle.v0.3+json',
} as const;

export type Annotations = Readonly<Record<string, string>>;

/** What points at a blob. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Annotations;
}

export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Annotations;
}

export interface Index {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Annotations;
}

/** The name of an image in a layout, and its tag in a registry. */
export const refName = 'org.opencontainers.image.ref.name';

/** An annotations field, sorted by key: the same annotations make the same bytes. */
export function sorted(annotations: Annotations | undefined): { readonly annotations?: Annotations } {
  const entries = Object.entries(annotations ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? {} : { annotations: Object.fromEntries(entries) };
}

export function hexOf(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex === undefined) throw new TypeError(`"${digest}" is not a digest that evidence uses`);
  return hex;
}

/** A descriptor without what only its place in an index says. */
export function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
