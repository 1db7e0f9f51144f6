import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../domain/engine.ts';
import { FailedError } from '../../domain/errors.ts';
import { placeFile, readSmall, takeShared } from './blobs.ts';
import { addManifest, type Layout, ofDisk } from './layout.ts';
import { type Annotations, type Descriptor, type Manifest, mediaTypes, refName, sorted } from './media.ts';
import { type Spooled, spoolImage } from './saved-image.ts';

export interface SaveOptions {
  readonly signal: AbortSignal;
  /** Of the manifest. */
  readonly annotations?: Annotations;
}

/**
 * Brings a committed image from the engine into the layout, as it was committed: its configuration and its layers byte by byte, so that
 * what is pulled back is what was frozen. Nothing is compressed: a plain layer's digest is that of its content. Layers that other cases
 * have as well are stored once. On disk when it returns: the descriptor of its manifest.
 * @throws EngineError; FailedError `image_unreadable`, `evidence_no_space`, `evidence_unwritable`.
 */
export async function saveCommitted(
  engine: Pick<Engine, 'saveImage'>,
  imageId: string,
  layout: Layout,
  { signal, annotations }: SaveOptions,
): Promise<Descriptor> {
  const folder = join(layout.folder, 'partial');
  try {
    // What a process that was killed has left.
    await rm(folder, { recursive: true, force: true });
    const known = (hex: string, size: number) => takeShared(layout, hex, size);
    const { config, layers } = await spoolImage(await engine.saveImage(imageId, { signal }), { folder, known, signal });
    await checkConfig(config, layers, layout);
    for (const blob of new Set(layers)) if (blob.path !== null) await placeFile(layout, blob.hex, blob.path, true);
    if (config.path !== null) await placeFile(layout, config.hex, config.path, false);
    const manifest: Manifest = {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: mediaTypes.config, digest: `sha256:${config.hex}`, size: config.size },
      layers: layers.map(({ hex, size, compression }) => ({ mediaType: layerType(compression), digest: `sha256:${hex}`, size })),
      ...sorted(annotations),
    };
    return await addManifest(layout, manifest, { mediaType: mediaTypes.manifest, annotations: { [refName]: layout.name } });
  } catch (error) {
    signal.throwIfAborted();
    throw await ofDisk(error, layout);
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

function layerType(compression: Spooled['compression']): string {
  return compression === 'none' ? mediaTypes.layer : `${mediaTypes.layer}+${compression}`;
}

/** The configuration lists what each layer hashes to unpacked: an engine that saved others than it committed is found out here. */
async function checkConfig(config: Spooled, layers: readonly Spooled[], layout: Layout): Promise<void> {
  const ids = diffIds(await readSmall(layout, config.hex, config.path));
  const wrong = layers.find(({ compression, hex }, index) => compression === 'none' && ids[index] !== `sha256:${hex}`);
  if (wrong === undefined && ids.length === layers.length) return;
  throw new FailedError('image_unreadable', 'the image that the engine saved is not the one that its own configuration describes', {
    hint: 'see the log of the engine; the image stays there and can be saved again',
  });
}

function diffIds(config: Buffer): readonly unknown[] {
  try {
    const read = JSON.parse(config.toString()) as { rootfs?: { diff_ids?: unknown } };
    return Array.isArray(read.rootfs?.diff_ids) ? read.rootfs.diff_ids : [];
  } catch {
    return [];
  }
}
