import { apiAtLeast } from '../../container/api-version.ts';
import { difference } from '../../container/difference.ts';
import { endpointFrom } from '../../container/networks.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import { connectAt } from './connect-at.ts';
import { frozen } from './frozen.ts';
import type { Held, HoldContext } from './io.ts';
import type { Networking } from './kept.ts';
import { connectedTo, inOrder, networkingOf, shownNetworks, withNetworking } from './networking.ts';
import { portsAreFree } from './ports-free.ts';

/**
 * Connects a frozen container again as it was: the same networks, addresses, aliases, links and published ports, read back before it is
 * believed. What it has already is left alone. MAC addresses are asked for from API 1.44 on, but engines before 29.3 take none for a
 * container that is not stopped (https://github.com/moby/moby/issues/48192). Returns what is not the same, in sentences. Throws `FailedError` `not_attached`; some networks may be connected then.
 */
export async function attach(held: Held, networking: Networking, context: HoldContext): Promise<string[]> {
  const { engine } = context;
  const { apiVersion } = await engine.info();
  const modern = apiAtLeast(apiVersion, '1.44');
  const inspect = await frozen(engine, held);
  const before = withNetworking(inspect, networking);
  if (Object.keys(networking.networks).length === 0) return [];
  const there = new Set(await connectedTo(engine, inspect));
  const order = inOrder(inspect, networking);
  const [first] = order.map((name) => networking.networks[name]?.NetworkID);
  if (there.size === 0 && first !== undefined) await portsAreFree(held, inspect, first, context);
  for (const name of order) {
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
  const wrong = differs(before, now);
  if (wrong.length > 0)
    throw new FailedError('not_attached', `${held.containerName} is connected again, but not as before: ${wrong.join(', ')}`);
  return remarks(held, networking, now, context);
}

function differs(before: ContainerInspect, now: ContainerInspect): string[] {
  const found = difference(before, now).filter((path) => /^(Networks|Ports)\./.test(path) && !path.endsWith('.MacAddress'));
  for (const [name, was] of shownNetworks(before)) {
    const is = now.NetworkSettings.Networks[name];
    if (is === undefined) continue;
    if (is.IPAddress !== was.IPAddress) found.push(`${name} has the address ${is.IPAddress}, not ${was.IPAddress}`);
    if ((is.GlobalIPv6Address ?? '') !== (was.GlobalIPv6Address ?? '')) found.push(`${name} has another IPv6 address`);
  }
  return [...new Set(found)];
}

/** What may be another and cannot be asked for: interfaces, ports that the engine chose, and mostly MAC addresses. */
function remarks(held: Held, was: Networking, inspect: ContainerInspect, { proc }: HoldContext): string[] {
  const is = networkingOf(inspect, proc);
  const renamed = Object.entries(was.interfaces).flatMap(([network, name]) =>
    is.interfaces[network] === undefined || is.interfaces[network] === name ? [] : [`${name} is ${is.interfaces[network]} (${network})`],
  );
  const shown = ({ ports }: Networking, port: string) => (ports[port] ?? []).map(({ HostPort }) => HostPort);
  const moved = Object.keys(was.ports).filter((port) => shown(was, port).join() !== shown(is, port).join());
  const macs = Object.entries(was.networks).filter(([name, one]) => is.networks[name]?.MacAddress !== one.MacAddress);
  return [
    ...(renamed.length > 0 ? [`${held.containerName}: interfaces have other names now: ${renamed.join(', ')}`] : []),
    ...moved.map(
      (port) =>
        `${held.containerName}: ${port} is published on ${shown(is, port).join(', ')} now, not on ${shown(was, port).join(', ')}: the engine chooses it`,
    ),
    ...macs.map(
      ([name, one]) =>
        `${held.containerName}: its MAC address in ${name} is ${is.networks[name]?.MacAddress} now, not ${one.MacAddress}: the engine chooses it`,
    ),
  ];
}
