import { linkBlob } from './blobs.ts';
import { addBytes, addManifest, type Layout, ofDisk } from './layout.ts';
import { type Annotations, type Descriptor, type Index, type Manifest, mediaTypes, plain, refName, sorted } from './media.ts';

export interface CheckpointTar {
  /** What the image is called after the case: `checkpoint`, `criu`. */
  readonly name: 'checkpoint' | 'criu';
  /** In the case; it is linked and not copied. */
  readonly path: string;
  /** 64 hexadecimal digits, vouched for by the caller. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Names of other engines' annotations that make their images run with rights of their own (CVE-2026-94603). */
const runnable = /^io\.podman\.|^io\.kubernetes\.cri-o\./;

/**
 * An archive of memory as an image from scratch: one layer, the archive itself. An index with one manifest, and the same annotations on
 * both, as CRI-O reads those of the manifest and containerd those of the index. It is an artifact with an empty configuration: nobody can
 * run it by mistake, and with it what the container had in memory. The index's descriptor.
 * @throws FailedError `evidence_no_space`, `evidence_unwritable`.
 */
export async function checkpointImage(layout: Layout, tar: CheckpointTar, annotations: Annotations): Promise<Descriptor> {
  const bad = Object.keys(annotations).find((key) => runnable.test(key));
  if (bad !== undefined) throw new TypeError(`evidence must not carry ${bad}: it would make the image run`);
  try {
    return await store(layout, tar, annotations);
  } catch (error) {
    throw await ofDisk(error, layout);
  }
}

async function store(layout: Layout, tar: CheckpointTar, annotations: Annotations): Promise<Descriptor> {
  await linkBlob(layout, tar.sha256, tar.path);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: mediaTypes.checkpoint,
    config: await emptyConfig(layout),
    layers: [
      {
        mediaType: mediaTypes.layer,
        digest: `sha256:${tar.sha256}`,
        size: tar.bytes,
        // What `oras pull` calls the file.
        annotations: { 'org.opencontainers.image.title': `${tar.name}.tar` },
      },
    ],
    ...sorted(annotations),
  };
  const { digest, size } = await addBytes(layout, Buffer.from(JSON.stringify(manifest)));
  const listed: Descriptor = { mediaType: mediaTypes.manifest, digest, size, artifactType: mediaTypes.checkpoint, ...sorted(annotations) };
  const index: Index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [listed], ...sorted(annotations) };
  return addManifest(layout, index, { mediaType: mediaTypes.index, annotations: { [refName]: `${layout.name}-${tar.name}` } });
}

/** `{}`, as the specification wants it of what has no configuration. */
export async function emptyConfig(layout: Layout): Promise<Descriptor> {
  return plain({ mediaType: mediaTypes.empty, ...(await addBytes(layout, Buffer.from('{}'))) });
}
