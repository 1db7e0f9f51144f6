import type { NetworkInspect } from '../../domain/engine/networks.ts';
import type { Engine } from '../../domain/engine.ts';
import type { EngineClient } from '../client.ts';
import { filters, segment } from '../path.ts';

type Networks = Pick<Engine, 'networks' | 'inspectNetwork' | 'createNetwork' | 'removeNetwork' | 'connect' | 'disconnect'>;

export function networks(client: EngineClient): Networks {
  return {
    networks: (filter = {}, options) =>
      client.json<NetworkInspect[]>(
        { method: 'GET', path: '/networks', query: { filters: filters({ label: filter.labels }) }, action: 'list networks' },
        options,
      ),
    inspectNetwork: (id, options) =>
      client.json<NetworkInspect>(
        { method: 'GET', path: `/networks/${segment(id)}`, action: `inspect network ${id}`, object: id },
        options,
      ),
    async createNetwork(name, body, options) {
      // Before API 1.44 two networks may carry one name unless asked to check.
      const call = {
        method: 'POST',
        path: '/networks/create',
        body: { CheckDuplicate: true, ...body, Name: name },
        action: `create network ${name}`,
        object: name,
      } as const;
      return (await client.json<{ Id: string }>(call, options)).Id;
    },
    async removeNetwork(id, options) {
      await client.call(
        { method: 'DELETE', path: `/networks/${segment(id)}`, accept: [404], action: `remove network ${id}`, object: id },
        options,
      );
    },
    async connect(network, container, endpoint, options) {
      const body = { Container: container, EndpointConfig: endpoint };
      const action = `connect container ${client.names.of(container)} to network ${network}`;
      await client.call({ method: 'POST', path: `/networks/${segment(network)}/connect`, body, action, object: container }, options);
    },
    async disconnect(network, container, options) {
      const body = { Container: container, Force: options?.force === true };
      const action = `disconnect container ${client.names.of(container)} from network ${network}`;
      await client.call({ method: 'POST', path: `/networks/${segment(network)}/disconnect`, body, action, object: container }, options);
    },
  };
}
