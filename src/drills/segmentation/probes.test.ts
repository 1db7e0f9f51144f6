import { expect, test } from 'vitest';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { NetworkInspect } from '../../domain/engine/networks.ts';
import { asTarget } from '../../domain/target.ts';
import { linkLocal } from '../../probes/addresses.ts';
import type { Params } from './params.ts';
import { type Probe, probesFrom, seenFrom, wouldLeave } from './probes.ts';
import type { Own } from './reach-lines.ts';
import type { Place, Published, World } from './world.ts';

const params: Params = { policy: { allow: [], external: 'deny', host: 'deny', volumes: [] }, decoy: null, egress: false, held: 0 };

function network(Name: string, Driver: string, Config: NetworkInspect['IPAM']['Config']): NetworkInspect {
  return { Id: `${Name}-0123456789`, Name, Driver, Internal: false, Labels: null, IPAM: { Config } };
}

function place(name: string, on: NetworkInspect, address: string): Place {
  const end = { NetworkID: on.Id, Gateway: '', IPAddress: address };
  const inspect = {
    Id: name,
    Name: `/${name}`,
    Config: { Image: '', Labels: null },
    State: { StartedAt: '' },
    NetworkSettings: { Networks: { [on.Name]: end } },
  } as unknown as ContainerInspect;
  const target = asTarget(inspect);
  const addresses = [{ network: on.Id, address, scope: 'global' as const }];
  const more = { declared: [{ port: 80, protocol: 'tcp' as const }], published: [], alsoCalled: [], targets: [target], skip: false };
  return { id: name, name, service: name, target, inspect, addresses, networks: [on.Id], hostNetwork: false, ...more };
}

function world(places: readonly Place[], networks: readonly NetworkInspect[], published: readonly Published[] = []): World {
  const all = new Map(networks.map((one) => [one.Id, one]));
  return { places, networks: all, published, elsewhere: [], skippedAtHost: [], silent: [], stopped: [] };
}

/** The host has the first address of `front`, and a link to a LAN. */
const host: Own = {
  addresses: [
    { interface: 'br-front-012345', address: '10.1.0.1', cidr: '10.1.0.1/24', internal: false },
    { interface: 'br-front-012345', address: linkLocal('02:42:ac:1e:00:04') ?? '', cidr: 'fe80::/64', internal: false },
    { interface: 'eth0', address: '192.168.1.10', cidr: '192.168.1.10/24', internal: false },
  ],
  listeners: [],
  established: [],
  forwards: false,
};

const front = network('front', 'bridge', [{ Subnet: '10.1.0.0/24' }]);
const back = network('back', 'bridge', [{ Subnet: '10.2.0.0/24', Gateway: '10.2.0.1' }]);
const lan = network('lan', 'macvlan', [{ Subnet: '192.168.1.0/24', Gateway: '192.168.1.1' }]);
const web = place('web', front, '10.1.0.2');
const printer = place('printer', lan, '192.168.1.20');

function probes(from: Place, given: World, own: Own | null, more: Partial<Params> = {}): Probe[] {
  return probesFrom(from, { ...params, ...more }, seenFrom(given, new Map(), own));
}

test.each([
  ['seen', host],
  ['not seen', null],
] as const)('the host %s: a LAN of the host’s own is not here', (_, own) => {
  const here = world([web, printer], [front, lan]);
  const reasons = (all: readonly Probe[]) => new Set(all.filter(({ to }) => to !== null).map(({ notProbed }) => notProbed));
  expect(reasons(probes(web, here, own))).toEqual(new Set([wouldLeave]));
  // and who is on the LAN would look for the bridge there
  expect(reasons(probes(printer, here, own))).toEqual(new Set([wouldLeave]));
  expect(probes(printer, here, own).filter(({ way }) => way === 'host')).toEqual([]);
  const decoy = { address: '192.168.1.30', port: 443 };
  expect(probes(web, here, own, { decoy }).find(({ way }) => way === 'external')?.notProbed).toBe(wouldLeave);
});

test.each([
  ['seen', host],
  ['not seen', null],
] as const)('the host %s: it has an address where the network names no gateway', (_, own) => {
  const at = probes(web, world([web], [front]), own).filter(({ way }) => way === 'host');
  expect(at.some(({ address, port }) => address === '10.1.0.1' && port === 22)).toBe(true);
});

test('a port that is passed on at one address is the host’s own at the others', () => {
  const passed = (hostIp: string, hostPort: number): Published => ({ port: 1, protocol: 'tcp', hostIp, hostPort });
  const published = [passed('127.0.0.1', 5432), passed('10.1.0.1', 6379), passed('0.0.0.0', 8080)];
  const at = probes(web, world([web], [front], published), host).filter(({ way }) => way === 'host');
  const tried = at.map(({ address, port }) => `${address} ${port}`);
  const asked = ['10.1.0.1 5432', '10.1.0.1 6379', '192.168.1.10 6379', '10.1.0.1 8080', '192.168.1.10 8080'];
  expect(asked.map((one) => tried.includes(one))).toEqual([true, false, true, false, false]);
});

test('what a container that is to be left alone declares is not tried at the host', () => {
  const here = { ...world([web], [front, back]), skippedAtHost: [{ port: 9100, protocol: 'tcp' as const }] };
  expect(probes(web, here, host).filter(({ way, port }) => way === 'host' && port === 9100)).toEqual([]);
});
