import { readdirSync, readFileSync } from 'node:fs';
import { isFixed } from '../../container/networks.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { EndpointSettings, NetworkInspect } from '../../domain/engine/networks.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import { belongsTo } from './end-processes.ts';
import { asJson, type Networking } from './kept.ts';

/** How a container is connected now: what putting it back will need. */
export function networkingOf(inspect: ContainerInspect, proc = '/proc'): Networking {
  const networks = Object.fromEntries(shownNetworks(inspect));
  const ports = inspect.NetworkSettings.Ports ?? {};
  return { networks: asJson(networks), ports: asJson(ports), interfaces: interfacesOf(inspect, proc) } as unknown as Networking;
}

/** The container as it was before its networks were taken away. */
export function withNetworking(inspect: ContainerInspect, { networks, ports }: Networking): ContainerInspect {
  return { ...inspect, NetworkSettings: { ...inspect.NetworkSettings, Networks: networks, Ports: ports } };
}

/** Those that the engine shows; none when the mode leaves it without networks of its own. */
export function shownNetworks(inspect: ContainerInspect): readonly (readonly [string, EndpointSettings])[] {
  return isFixed(inspect.HostConfig.NetworkMode) ? [] : Object.entries(inspect.NetworkSettings.Networks);
}

/**
 * Those it is connected to. One that the engine could not connect it to, for its port was taken, it goes on to show with an address, and
 * refuses to take away: the network itself knows better.
 */
export async function connectedTo(engine: Pick<Engine, 'inspectNetwork'>, inspect: ContainerInspect): Promise<string[]> {
  const connected = await Promise.all(
    shownNetworks(inspect).map(async ([name, { NetworkID, EndpointID }]) => {
      if (EndpointID === '') return [];
      const network = await networkIfThere(engine, NetworkID === '' ? name : NetworkID);
      return network !== null && inspect.Id in (network.Containers ?? {}) ? [name] : [];
    }),
  );
  return connected.flat();
}

export async function networkIfThere(engine: Pick<Engine, 'inspectNetwork'>, id: string): Promise<NetworkInspect | null> {
  try {
    return await engine.inspectNetwork(id);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return null;
    throw error;
  }
}

/**
 * In the order in which the interfaces were made, so that a service which takes the first finds the same first again; where they could
 * not be seen, the network that it was created with comes first.
 */
export function inOrder(inspect: ContainerInspect, { networks, interfaces }: Networking): string[] {
  const number = (name: string) => Number(/\d+$/.exec(interfaces[name] ?? '')?.[0] ?? Number.MAX_SAFE_INTEGER);
  const { NetworkMode } = inspect.HostConfig;
  const primary = NetworkMode === 'default' || NetworkMode === '' ? 'bridge' : NetworkMode;
  const isLater = (name: string) => Number(name !== primary && networks[name]?.NetworkID !== primary);
  return Object.keys(networks).toSorted((a, b) => number(a) - number(b) || isLater(a) - isLater(b) || (a < b ? -1 : 1));
}

/** By their MAC addresses, where its processes are shown on this machine; otherwise none. */
function interfacesOf(inspect: ContainerInspect, proc: string): Record<string, string> {
  const { Pid } = inspect.State;
  if (Pid <= 0 || !belongsTo(proc, Pid, inspect.Id)) return {};
  const folder = `${proc}/${Pid}/root/sys/class/net`;
  try {
    const names = new Map(readdirSync(folder).map((name) => [readFileSync(`${folder}/${name}/address`, 'utf8').trim(), name]));
    return Object.fromEntries(
      Object.entries(inspect.NetworkSettings.Networks).flatMap(([network, { MacAddress }]) => {
        const name = names.get(MacAddress);
        return name === undefined ? [] : [[network, name]];
      }),
    );
  } catch {
    // a container without /sys, or a process that may not look
    return {};
  }
}
