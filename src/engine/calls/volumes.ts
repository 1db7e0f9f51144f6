import type { Engine } from '../../domain/engine.ts';
import type { EngineClient } from '../client.ts';
import { filters, segment } from '../path.ts';

interface RawVolume {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>> | null;
}

export function volumes(client: EngineClient): Pick<Engine, 'volumes' | 'createVolume' | 'removeVolume'> {
  return {
    async volumes(filter = {}, options) {
      const query = { filters: filters({ label: filter.labels }) };
      const found = await client.json<{ Volumes: RawVolume[] | null }>(
        { method: 'GET', path: '/volumes', query, action: 'list volumes' },
        options,
      );
      return (found.Volumes ?? []).map((volume) => ({ name: volume.Name, labels: volume.Labels ?? {} }));
    },
    async createVolume(name, labels, options) {
      await client.call(
        { method: 'POST', path: '/volumes/create', body: { Name: name, Labels: labels }, action: `create volume ${name}`, object: name },
        options,
      );
    },
    async removeVolume(name, options) {
      await client.call(
        { method: 'DELETE', path: `/volumes/${segment(name)}`, accept: [404], action: `remove volume ${name}`, object: name },
        options,
      );
    },
  };
}
