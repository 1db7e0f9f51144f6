import type { NetworkInspect } from '../../domain/engine/networks.ts';
import type { Protocol } from '../../domain/matrix.ts';
import { type Subnets, subnets, withoutScope } from '../../probes/addresses.ts';
import { leadsOut, subnetsOfBridges } from '../../probes/far-decoy.ts';
import { gatewaysOf as gatewaysByApi } from '../../probes/gateways.ts';
import type { Params } from './params.ts';
import { means } from './policy.ts';
import { type Port, singlePorts } from './ports.ts';
import type { Own } from './reach-lines.ts';
import type { Place, World } from './world.ts';

/** One way from a source to an address and a port. */
export interface Probe {
  readonly from: Place;
  /** Null: the host, or the outside. */
  readonly to: Place | null;
  /** `direct`: at the container's own address. `published`: at one of the host's, where the engine passes it on. */
  readonly way: 'direct' | 'published' | 'host' | 'external';
  readonly address: string;
  /** What is connected to. */
  readonly port: number;
  /** The container's own port; the same but for a published one. */
  readonly ownPort: number;
  readonly protocol: Protocol;
  /** What a reader of the networks alone would expect. */
  readonly simulated: 'allow' | 'deny';
  /** Where the address is: `gateway of shop_frontend`. */
  readonly where: string;
  /** Why nothing is connected to; null where something is. */
  readonly notProbed: string | null;
}

/** What is known once the namespaces have been looked into. */
export interface Seen {
  readonly world: World;
  /** By container id; of targets only. */
  readonly owns: ReadonlyMap<string, Own>;
  /** The engine's host; null when its namespace could not be entered. */
  readonly host: Own | null;
  /** What is sent there by way of a bridge stays on the host: addresses on its bridges, and its own. */
  readonly near: Subnets;
}

export function seenFrom(world: World, owns: ReadonlyMap<string, Own>, host: Own | null): Seen {
  // made once: there are many thousand addresses to ask about
  const near = host === null ? subnetsOfBridges(world.networks.values()) : subnets(stayingOn(host, world));
  return { world, owns, host, near };
}

/** Not the subnets of its other links: who is there is elsewhere. */
function stayingOn({ addresses }: Own, { networks }: World): string[] {
  const bridges = new Set([...networks.values()].map(bridgeOf));
  const joined = addresses.flatMap((one) => (bridges.has(one.interface) && one.cidr !== null ? [one.cidr] : []));
  const own = addresses.filter(({ internal }) => !internal);
  return [...joined, ...own.map(({ address }) => `${address}/${address.includes(':') ? 128 : 32}`)];
}

/** Ports where services of a host are found (NET-05), the Docker API's (NET-11) among them. */
export const hostPorts: readonly number[] = [22, 80, 2375, 2376, 2377, 3000, 5432, 6379, 8080, 9100, 9323];
export const mostHostListeners = 256;
const mostUplinks = 4;
/** Nobody is there (RFC 5737): a connection that is let out ends nowhere. */
export const nowhere = { address: '192.0.2.1', port: 80 };

export const skipped = 'it is labelled pitwall.skip';
export const wouldLeave = 'the way to its network leads out of the host, and nothing is to leave it';

/** Every way from one source to every other container, the host and the outside. */
export function probesFrom(from: Place, params: Params, seen: Seen): Probe[] {
  const others = seen.world.places.filter((to) => isOther(from, to, params) && !isDecoy(to, params));
  const doors = hostDoors(from, seen);
  return [
    ...others.flatMap((to) => [...directWays(from, to, params, seen), ...publishedWays(from, to, doors, seen)]),
    ...hostWays(from, doors, params, seen),
    ...externalWays(from, params, seen),
  ];
}

/** Declared, published, listened on, and those that the policy names one by one. */
export function portsOf(place: Place, { policy }: Params, own: Own | undefined): Port[] {
  const named = policy.allow
    .filter((rule) => means(rule.to, place))
    .flatMap((rule) => singlePorts(rule.ports).map((port) => ({ port, protocol: rule.protocol })));
  const all = [...place.declared, ...(own?.listeners ?? []), ...named];
  const unique = new Map(all.map(({ port, protocol }) => [`${port}/${protocol}`, { port, protocol }]));
  return [...unique.values()].toSorted((a, b) => a.port - b.port);
}

/** Replicas of one service are one and the same to a policy, unless it has a rule for them. */
export function isOther(from: Place, to: Place, { policy }: Params): boolean {
  if (to === from || (from.hostNetwork && to.hostNetwork)) return false;
  return to.service !== from.service || policy.allow.some((rule) => means(rule.from, from) && means(rule.to, to));
}

function isDecoy(place: Place, { decoy }: Params): boolean {
  return decoy !== null && place.addresses.some(({ address }) => address === decoy.address);
}

function directWays(from: Place, to: Place, params: Params, seen: Seen): Probe[] {
  const own = seen.owns.get(to.id);
  return portsOf(to, params, own).flatMap(({ port, protocol }) =>
    to.addresses.flatMap(({ address, network, scope }): Probe[] => {
      const joint = from.networks.includes(network);
      const at = scope === 'global' ? address : scoped(linkAddress(address, network, to, own), network, from, seen);
      if (at === null) return [];
      const { Name = network, Options } = seen.world.networks.get(network) ?? {};
      const apart = Options?.['com.docker.network.bridge.enable_icc'] === 'false';
      const base = { from, to, way: 'direct' as const, address: at, port, ownPort: port, protocol };
      const notProbed = to.skip ? skipped : joint || staysHere(from, address, seen) ? null : wouldLeave;
      return [{ ...base, simulated: joint && !apart ? 'allow' : 'deny', where: `on ${Name}`, notProbed }];
    }),
  );
}

/** As the namespace itself has it, where that is known. */
function linkAddress(computed: string, network: string, to: Place, own: Own | undefined): string {
  const name = own === undefined ? null : interfaceOf(network, to, own);
  return own?.addresses.find((one) => one.interface === name && one.address.startsWith('fe80:'))?.address ?? computed;
}

/** With the sender's interface on that network; null where the sender has none, or no IPv6 there. */
function scoped(address: string, network: string, from: Place, { owns }: Seen): string | null {
  const own = owns.get(from.id);
  const name = own === undefined ? null : interfaceOf(network, from, own);
  const speaks = own?.addresses.some((one) => one.interface === name && one.address.startsWith('fe80:')) ?? false;
  return name !== null && speaks ? `${address}%${name}` : null;
}

function interfaceOf(network: string, place: Place, own: Own): string | null {
  const mine = place.addresses.filter((one) => one.network === network && one.scope === 'global').map(({ address }) => address);
  return own.addresses.find(({ address }) => mine.includes(address))?.interface ?? null;
}

/** The source's packets come to the host, which has the address on a bridge of its own: they are not passed on to a router. */
function staysHere(from: Place, address: string, { near, world }: Seen): boolean {
  return near.has(address) && !goesPast(from, world);
}

function goesPast(from: Place, { networks }: World): boolean {
  return from.networks.some((id) => {
    const network = networks.get(id);
    return network === undefined || leadsOut(network);
  });
}

interface Door {
  readonly address: string;
  readonly where: string;
  readonly simulated: 'allow' | 'deny';
}

/** Addresses of the host that a container can name: its networks' gateways, by IPv4 and IPv6, and those of the host's own links. */
function hostDoors(from: Place, seen: Seen): Door[] {
  const networks = from.networks.map((id) => seen.world.networks.get(id)).filter((network) => network !== undefined);
  const gateways = networks.flatMap((network): Door[] => {
    const simulated = network.Internal ? 'deny' : 'allow';
    const where = `gateway of ${network.Name}${network.Internal ? ', which is internal' : ''}`;
    const link = seen.host?.addresses.find((one) => one.interface === bridgeOf(network) && one.address.startsWith('fe80:'));
    const links = link === undefined ? null : scoped(link.address, network.Id, from, seen);
    return [...gatewaysOf(from, network, seen), ...(links === null ? [] : [links])].map((address) => ({ address, where, simulated }));
  });
  const bridges = new Set([...seen.world.networks.values()].map(bridgeOf));
  const outward = networks.some(({ Internal }) => !Internal);
  // to whom a LAN is nearer than the host, the host is a neighbour on that LAN
  const uplinks = (goesPast(from, seen.world) ? [] : (seen.host?.addresses ?? []))
    .filter(
      (one) =>
        !one.internal && !one.address.startsWith('fe80:') && !bridges.has(one.interface) && !/^(veth|docker|br-)/.test(one.interface),
    )
    .slice(0, mostUplinks)
    .map(({ address, interface: name }): Door => ({ address, where: `the host’s ${name}`, simulated: outward ? 'allow' : 'deny' }));
  return [...gateways, ...uplinks];
}

/** Those that the host really has on its bridge, named or not; of another driver's network the gateway is a router. */
function gatewaysOf(from: Place, network: NetworkInspect, { host }: Seen): string[] {
  if (host === null) return gatewaysByApi(from.inspect, [network.Id], [network]);
  const name = bridgeOf(network);
  return host.addresses
    .filter((one) => name !== null && one.interface === name && !one.address.startsWith('fe80:'))
    .map(({ address }) => address);
}

function bridgeOf({ Id, Driver, Options }: NetworkInspect): string | null {
  return Driver === 'bridge' ? (Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`) : null;
}

/** Where the host passes on to the container: at all its addresses, or at one. */
function publishedWays(from: Place, to: Place, doors: readonly Door[], seen: Seen): Probe[] {
  const joint = to.networks.some((network) => from.networks.includes(network));
  const unique = new Map<string, Probe>();
  for (const { port, protocol, hostIp, hostPort } of to.published) {
    for (const { address, where } of doorsOf(hostIp, doors)) {
      const at = { from, to, way: 'published' as const, address, port: hostPort, ownPort: port, protocol };
      const near = doors.some((door) => door.address === address) || !goesPast(from, seen.world);
      const silent = protocol === 'udp' ? 'what is passed on cannot be told from what is lost' : null;
      const notProbed = to.skip ? skipped : near ? silent : wouldLeave;
      unique.set(`${address} ${hostPort} ${protocol}`, {
        ...at,
        simulated: joint ? 'allow' : 'deny',
        where: `published as ${hostPort}, ${where}`,
        notProbed,
      });
    }
  }
  return [...unique.values()];
}

function doorsOf(hostIp: string, doors: readonly Door[]): readonly Door[] {
  if (hostIp === '' || hostIp === '0.0.0.0') return doors.filter(({ address }) => !address.includes(':'));
  if (hostIp === '::') return doors.filter(({ address }) => address.includes(':'));
  if (hostIp.startsWith('127.') || hostIp === '::1') return [];
  const known = doors.find(({ address }) => address === hostIp);
  return [known ?? { address: hostIp, where: 'one address of the host', simulated: 'deny' }];
}

function hostWays(from: Place, doors: readonly Door[], params: Params, { host, world }: Seen): Probe[] {
  const taken = new Set(
    world.published
      .filter(({ protocol }) => protocol === 'tcp')
      .flatMap(({ hostIp, hostPort }) => doorsOf(hostIp, doors).map(({ address }) => `${address} ${hostPort}`)),
  );
  const skippedPorts = new Set(world.skippedAtHost.map(({ port }) => port));
  const listeners = (host?.listeners ?? []).filter(({ protocol }) => protocol === 'tcp').slice(0, mostHostListeners);
  return doors.flatMap(({ address, where, simulated }) => {
    const bare = withoutScope(address);
    const heard = listeners.filter(
      (one) => one.address === bare || one.address === '::' || (one.address === '0.0.0.0' && !bare.includes(':')),
    );
    const allowed = Array.isArray(params.policy.host) ? singlePorts(params.policy.host) : [];
    const ports = new Set(
      [...hostPorts, ...heard.map(({ port }) => port), ...allowed].filter(
        (port) => !taken.has(`${address} ${port}`) && !skippedPorts.has(port),
      ),
    );
    return [...ports].map((port) => ({
      from,
      to: null,
      way: 'host' as const,
      address,
      port,
      ownPort: port,
      protocol: 'tcp' as const,
      simulated,
      where,
      notProbed: null,
    }));
  });
}

function externalWays(from: Place, params: Params, seen: Seen): Probe[] {
  const { decoy, egress } = params;
  if ((decoy === null && !egress) || isDecoy(from, params)) return [];
  const { address, port } = decoy ?? nowhere;
  const outward = from.networks.some((id) => seen.world.networks.get(id)?.Internal === false);
  const base = { from, to: null, way: 'external' as const, address, port, ownPort: port, protocol: 'tcp' as const };
  const network = networkOf(address, seen);
  const near = network !== null && from.networks.includes(network);
  const notProbed = egress || near || staysHere(from, address, seen) ? null : wouldLeave;
  return [
    {
      ...base,
      simulated: outward || near ? 'allow' : 'deny',
      where: decoy === null ? 'an address where nobody is' : 'the decoy',
      notProbed,
    },
  ];
}

function networkOf(address: string, { world }: Seen): string | null {
  const found = [...world.networks.values()].find(({ IPAM }) =>
    subnets((IPAM.Config ?? []).map(({ Subnet }) => Subnet ?? '')).has(address),
  );
  return found?.Id ?? null;
}
