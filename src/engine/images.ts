import type { Engine, ImageInspect } from '../domain/engine.ts';
import type { EngineClient } from './client.ts';
import { filters, segment } from './path.ts';

interface RawImage {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly Labels: Readonly<Record<string, string>> | null;
}

export function images(client: EngineClient): Pick<Engine, 'inspectImage' | 'images' | 'removeImage'> {
  return {
    inspectImage: (reference, options) =>
      client.json<ImageInspect>(
        { method: 'GET', path: `/images/${segment(reference)}/json`, action: `inspect image ${reference}`, object: reference },
        options,
      ),
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
