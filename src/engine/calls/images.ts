import type { ImageInspect } from '../../domain/engine/images.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { EngineClient } from '../client.ts';
import { filters, segment } from '../path.ts';

interface RawImage {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly Labels: Readonly<Record<string, string>> | null;
}

export function images(client: EngineClient): Pick<Engine, 'inspectImage' | 'images' | 'removeImage'> {
  return {
    async inspectImage(reference, options) {
      // what is none would be taken for another path, and the engine's answer to that for anything
      if (!isReference(reference)) throw new EngineError('not_found', `${JSON.stringify(reference)} is no reference of an image`);
      return client.json<ImageInspect>(
        { method: 'GET', path: `/images/${segment(reference)}/json`, action: `inspect image ${reference}`, object: reference },
        options,
      );
    },
    async images(filter = {}, options) {
      const query = { filters: filters({ label: filter.labels }) };
      const found = await client.json<RawImage[]>({ method: 'GET', path: '/images/json', query, action: 'list images' }, options);
      // An image without a tag is listed as `<none>:<none>` by engines before 25.
      return found.map((image) => ({
        id: image.Id,
        tags: (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>'),
        labels: image.Labels ?? {},
      }));
    },
    async removeImage(id, options) {
      await client.call(
        { method: 'DELETE', path: `/images/${segment(id)}`, accept: [404], action: `remove image ${id}`, object: id },
        options,
      );
    },
  };
}

/** https://pkg.go.dev/github.com/distribution/reference: a name with its registry, a tag or a digest; or an id. */
function isReference(text: string): boolean {
  const name = /^(?:[A-Za-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
  return /^(?:sha256:)?[0-9a-f]{12,64}$/.test(text) || (name.test(text) && !/\.\.|\/\//.test(text));
}
