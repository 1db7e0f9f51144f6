import type { CallOptions } from '../domain/engine/call.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { ImageInspect } from '../domain/engine/images.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';

export interface Images {
  /** The one that the container runs. */
  readonly oldImage: ImageInspect;
  /** What its reference names now; null when it names nothing any more. */
  readonly image: ImageInspect | null;
}

/** The images that making a container again needs; a string says why it cannot be done, as the end of a sentence. */
export async function imagesOf(
  engine: Pick<Engine, 'inspectImage'>,
  inspect: ContainerInspect,
  mode: 'pinned' | 'current',
  options?: CallOptions,
): Promise<Images | string> {
  const [oldImage, image] = await Promise.all([find(engine, inspect.Image, options), find(engine, inspect.Config.Image, options)]);
  if (oldImage === null) return `runs an image that is gone from the engine (${inspect.Image.slice(0, 19)}): load or build it again`;
  if (mode === 'current' && image === null)
    return `names an image that is gone from the engine (${inspect.Config.Image}): pull or build it`;
  return { oldImage, image };
}

async function find(
  engine: Pick<Engine, 'inspectImage'>,
  reference: string,
  options: CallOptions | undefined,
): Promise<ImageInspect | null> {
  try {
    return await engine.inspectImage(reference, options);
  } catch (error) {
    if (error instanceof EngineError && (error.code === 'image_gone' || error.code === 'not_found')) return null;
    throw error;
  }
}
