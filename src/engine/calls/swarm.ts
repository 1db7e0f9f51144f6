import type { SecretInspect, ServiceInspect, TaskInspect } from '../../domain/engine/swarm.ts';
import type { Engine } from '../../domain/engine.ts';
import type { EngineClient } from '../client.ts';
import { filters, segment } from '../path.ts';

type Swarm = Pick<
  Engine,
  'services' | 'inspectService' | 'updateService' | 'tasks' | 'secrets' | 'createSecret' | 'labelSecret' | 'removeSecret'
>;

/** Needs an engine that is a manager of its Swarm; all others say `not_a_manager`. */
export function swarm(client: EngineClient): Swarm {
  return {
    services: (options) => client.json<ServiceInspect[]>({ method: 'GET', path: '/services', action: 'list services' }, options),

    inspectService: (id, options) =>
      client.json<ServiceInspect>(
        { method: 'GET', path: `/services/${segment(id)}`, action: `inspect service ${id}`, object: id },
        options,
      ),

    async updateService(id, version, spec, options) {
      const action = `update service ${spec.Name}`;
      // Without a header of credentials the engine keeps those that the service has for its registry.
      await client.call(
        { method: 'POST', path: `/services/${segment(id)}/update`, query: { version }, body: spec, action, object: id },
        options,
      );
    },

    tasks: (filter = {}, options) =>
      client.json<TaskInspect[]>(
        {
          method: 'GET',
          path: '/tasks',
          query: { filters: filters({ service: filter.service === undefined ? undefined : [filter.service] }) },
          action: 'list tasks',
        },
        options,
      ),

    secrets: (filter = {}, options) =>
      client.json<SecretInspect[]>(
        { method: 'GET', path: '/secrets', query: { filters: filters({ label: filter.labels }) }, action: 'list secrets' },
        options,
      ),

    async createSecret(name, value, labels, options) {
      const data = Buffer.from(value.reveal()).toString('base64');
      const call = {
        method: 'POST',
        path: '/secrets/create',
        body: { Name: name, Labels: labels, Data: data },
        action: `create secret ${name}`,
        object: name,
        secrets: [data, value.reveal()],
      } as const;
      return (await client.json<{ ID: string }>(call, options)).ID;
    },

    async labelSecret({ ID, Version, Spec }, labels, options) {
      const call = {
        method: 'POST',
        path: `/secrets/${segment(ID)}/update`,
        query: { version: Version.Index },
        body: { ...Spec, Labels: labels },
        action: `change the labels of secret ${Spec.Name}`,
        object: ID,
      } as const;
      await client.call(call, options);
    },

    async removeSecret(id, options) {
      await client.call(
        { method: 'DELETE', path: `/secrets/${segment(id)}`, accept: [404], action: `remove secret ${id}`, object: id },
        options,
      );
    },
  };
}
