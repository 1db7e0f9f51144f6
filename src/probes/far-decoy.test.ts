import { expect, test } from 'vitest';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { NetworkInspect } from '../domain/engine/networks.ts';
import { asTarget } from '../domain/target.ts';
import { refuseFarDecoy } from './far-decoy.ts';

function network(Driver: string, Subnet: string, more: object = {}): NetworkInspect {
  return { Id: `${Driver}-id`, Name: Driver, Driver, Internal: false, Labels: null, IPAM: { Config: [{ Subnet }] }, ...more };
}

const decoy = { host: '10.0.0.9', port: 443 };
const near = network('bridge', '10.0.0.0/24');

test('a decoy on a bridge stays here', () => {
  expect(() => refuseFarDecoy(decoy, [near])).not.toThrow();
  expect(() => refuseFarDecoy({ host: 'fd00::9', port: 1 }, [network('bridge', 'fd00::/64', { EnableIPv6: true })])).not.toThrow();
});

test.each([
  ['nowhere', [network('bridge', '10.0.1.0/24')]],
  ['on a macvlan over the LAN', [network('macvlan', '10.0.0.0/24')]],
  ['on a bridge without the host', [network('bridge', '10.0.0.0/24', { Options: { 'com.docker.network.bridge.inhibit_ipv4': 'true' } })]],
  [
    'on a bridge apart from the host',
    [network('bridge', '10.0.0.0/24', { Options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated' } })],
  ],
])('%s it is refused', (_, networks) => {
  expect(() => refuseFarDecoy(decoy, networks)).toThrow('params.decoy: 10.0.0.9:443 lies in no bridge network of the engine');
});

test('a subnet of IPv6 where IPv6 is off is nowhere', () => {
  expect(() => refuseFarDecoy({ host: '2001:db8::9', port: 1 }, [network('bridge', '2001:db8::/64', { EnableIPv6: false })])).toThrow(
    '[2001:db8::9]:1 lies in no bridge network',
  );
});

test('one who sends by way of a LAN would send it there', () => {
  const lan = network('macvlan', '192.168.1.0/24');
  const sender = asTarget({
    Id: '1',
    Name: '/web',
    Config: { Image: '', Labels: null },
    State: { StartedAt: '' },
    NetworkSettings: { Networks: { macvlan: { NetworkID: lan.Id } } },
  } as unknown as ContainerInspect);
  expect(() => refuseFarDecoy(decoy, [near, lan], [sender])).toThrow('by way of macvlan, a macvlan network of web');
});
