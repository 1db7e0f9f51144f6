import { apiAtLeast } from '../../container/api-version.ts';
import { difference } from '../../container/difference.ts';
import { endpointFrom } from '../../container/networks.ts';
import type { ContainerInspect } from '../../domain/engine.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import { connectAt } from './connect-at.ts';
import { frozen } from './frozen.ts';
import type { Held, HoldContext } from './io.ts';
import type { Networking } from './kept.ts';
import { connectedTo, inOrder, networkingOf, withNetworking } from './networking.ts';

/**
 * Connects a frozen container again as it was: the same networks, addresses, aliases, links and published ports, and from API 1.44 on the
 * same MAC addresses; read back before it is believed. What it has already is left alone. Returns what could not be the same for sure,
 * in sentences. Throws `FailedError` `not_attached`; some networks may be connected then.
 */
export async function attach(held: Held, networking: Networking, context: HoldContext): Promise<string[]> {
  const { engine } = context;
  const { apiVersion } = await engine.info();
  const modern = apiAtLeast(apiVersion, '1.44');
  const inspect = await frozen(engine, held);
  const before = withNetworking(inspect, networking);
  const there = new Map(connectedTo(inspect));
  for (const name of inOrder(inspect, networking)) {
    const endpoint = networking.networks[name];
    if (endpoint === undefined || there.has(name)) continue;
    const mac = modern && endpoint.MacAddress ? { MacAddress: endpoint.MacAddress } : {};
    const wanted = { ...endpointFrom(before, name, endpoint, modern), ...mac };
    try {
      await connectAt(held, { name, id: endpoint.NetworkID, endpoint: wanted, address: endpoint.IPAddress }, context);
    } catch (error) {
      if (!(error instanceof EngineError) || error.lost) throw error;
      const gone = error.code === 'not_found' ? `network ${name} is not there any more` : error.message;
      throw new FailedError('not_attached', `${held.containerName} cannot be connected to ${name} again: ${gone}`, {
        cause: error,
        hint: error.hint,
      });
    }
  }
  const now = await frozen(engine, held);
  const wrong = differs(before, now, modern);
  if (wrong.length > 0)
    throw new FailedError('not_attached', `${held.containerName} is connected again, but not as before: ${wrong.join(', ')}`);
  return remarks(held, networking, now, modern, context);
}

function differs(before: ContainerInspect, now: ContainerInspect, modern: boolean): string[] {
  const found = difference(before, now).filter((path) => path.startsWith('Networks.') || path.startsWith('Ports'));
  for (const [name, was] of connectedTo(before)) {
    const is = now.NetworkSettings.Networks[name];
    if (is === undefined) continue;
    if (is.IPAddress !== was.IPAddress) found.push(`${name} has the address ${is.IPAddress}, not ${was.IPAddress}`);
    if ((is.GlobalIPv6Address ?? '') !== (was.GlobalIPv6Address ?? '')) found.push(`${name} has another IPv6 address`);
    if (modern && is.MacAddress !== was.MacAddress) found.push(`${name} has the MAC address ${is.MacAddress}, not ${was.MacAddress}`);
  }
  return [...new Set(found)];
}

/** What may be another and cannot be asked for: interfaces, ports that the engine chose, MAC addresses before API 1.44. */
function remarks(held: Held, was: Networking, inspect: ContainerInspect, modern: boolean, { proc }: HoldContext): string[] {
  const is = networkingOf(inspect, proc);
  const renamed = Object.entries(was.interfaces).flatMap(([network, name]) =>
    is.interfaces[network] === undefined || is.interfaces[network] === name ? [] : [`${name} is ${is.interfaces[network]} (${network})`],
  );
  const shown = ({ ports }: Networking, port: string) => (ports[port] ?? []).map(({ HostPort }) => HostPort);
  const moved = Object.keys(was.ports).filter((port) => shown(was, port).join() !== shown(is, port).join());
  const macs = modern ? [] : Object.entries(was.networks).filter(([name, one]) => is.networks[name]?.MacAddress !== one.MacAddress);
  return [
    ...(renamed.length > 0 ? [`${held.containerName}: interfaces have other names now: ${renamed.join(', ')}`] : []),
    ...moved.map(
      (port) =>
        `${held.containerName}: ${port} is published on ${shown(is, port).join(', ')} now, not on ${shown(was, port).join(', ')}: the engine chooses it`,
    ),
    ...macs.map(([name]) => `${held.containerName}: another MAC address in ${name}: the engine takes none before API 1.44`),
  ];
}
