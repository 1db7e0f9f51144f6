import { isIPv6 } from 'node:net';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { NetworkInspect } from '../domain/engine/networks.ts';

/**
 * Addresses that the host has on the networks of a container that are named, those of IPv4 first. Of bridges alone: the gateway of a macvlan or
 * ipvlan is not this host, and what is sent there would leave it. A network made with a subnet alone names none, and an internal one not even in
 * its containers; the engine then takes the subnet's first address.
 */
export function gatewaysOf(
  { NetworkSettings }: Pick<ContainerInspect, 'NetworkSettings'>,
  names: readonly string[],
  networks: readonly NetworkInspect[],
): string[] {
  const joined = networks.filter(({ Name, Id, Driver }) => Driver === 'bridge' && (names.includes(Name) || names.includes(Id)));
  const all = joined.flatMap(({ Name, IPAM, Options }) => [
    ...(IPAM.Config ?? []).map(({ Gateway = '', Subnet = '' }) => (Gateway === '' ? firstOf(Subnet, Options ?? {}) : Gateway)),
    NetworkSettings.Networks[Name]?.Gateway ?? '',
  ]);
  const addresses = [...new Set(all.map((address) => address.split('/')[0] ?? ''))].filter((address) => address !== '');
  return addresses.toSorted((a, b) => Number(isIPv6(a)) - Number(isIPv6(b)));
}

/** From Engine 28 on a network may be told to give the host none: its first address may then be a container's. */
function firstOf(subnet: string, options: Readonly<Record<string, string>>): string {
  const [base = '', length = ''] = subnet.split('/');
  if (options[`com.docker.network.bridge.gateway_mode_${isIPv6(base) ? 'ipv6' : 'ipv4'}`] === 'isolated') return '';
  if (isIPv6(base)) return base.endsWith('::') ? `${base}1` : '';
  const bytes = base.split('.').map(Number);
  if (bytes.length !== 4 || length === '') return '';
  const bits = Number(length);
  const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  const first = ((bytes.reduce((sum, byte) => sum * 256 + byte, 0) & mask) >>> 0) + 1;
  return [24, 16, 8, 0].map((shift) => (first >>> shift) & 0xff).join('.');
}
