import type { NetworkInspect } from '../domain/engine/networks.ts';
import { InvalidError } from '../domain/errors.ts';
import type { Target } from '../domain/target.ts';
import { endpointText, type Subnets, subnets } from './addresses.ts';

/**
 * Throws `InvalidError` unless packets to the decoy are sure to stay on the host: it lies in a bridge network of the engine's on which the host
 * has an address, and none of `senders` has another way out than a bridge.
 */
export function refuseFarDecoy(
  { host: address, port }: { readonly host: string; readonly port: number },
  networks: readonly NetworkInspect[],
  senders: readonly Target[] = [],
): void {
  const text = endpointText(address, port);
  const refuse = (why: string) => {
    throw new InvalidError('decoy_outside', `params.decoy: ${text} ${why}, so connections to it could leave the host`, {
      hint: 'name the address of a container on a bridge network, or let packets out with params.egress: true',
    });
  };
  if (!subnetsOfBridges(networks).has(address)) refuse('lies in no bridge network of the engine that the host has an address on');
  for (const { name, inspect } of senders) {
    const joined = Object.values(inspect.NetworkSettings.Networks).map(({ NetworkID }) => NetworkID);
    const out = networks.find((one) => joined.includes(one.Id) && leadsOut(one));
    if (out !== undefined) refuse(`would be sought by way of ${out.Name}, a ${out.Driver} network of ${name}`);
  }
}

/** What is sent to them goes to a bridge: of a network of another driver, or one without an address of the host, it goes to a router. */
export function subnetsOfBridges(networks: Iterable<NetworkInspect>): Subnets {
  return subnets(
    [...networks]
      .filter(({ Driver }) => Driver === 'bridge')
      .flatMap((network) =>
        (network.IPAM.Config ?? []).map(({ Subnet }) => Subnet ?? '').filter((subnet) => hostIsOn(network, subnet.includes(':'))),
      ),
  );
}

/** It takes its containers' packets past the host. */
export function leadsOut({ Driver }: NetworkInspect): boolean {
  return !['bridge', 'null', 'host'].includes(Driver);
}

/** As far as the API tells. The engine names a subnet of IPv6 also where IPv6 is off, and then no interface has an address of it. */
function hostIsOn(network: NetworkInspect & { readonly EnableIPv6?: boolean; readonly EnableIPv4?: boolean }, six: boolean): boolean {
  const options = network.Options ?? {};
  if (options[`com.docker.network.bridge.gateway_mode_${six ? 'ipv6' : 'ipv4'}`] === 'isolated') return false;
  return six ? network.EnableIPv6 !== false : network.EnableIPv4 !== false && options['com.docker.network.bridge.inhibit_ipv4'] !== 'true';
}
