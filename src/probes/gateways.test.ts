import { expect, test } from 'vitest';
import type { NetworkInspect } from '../domain/engine/networks.ts';
import { gatewaysOf } from './gateways.ts';

function network(Name: string, Config: object[], more: object = {}): NetworkInspect {
  return { Id: Name, Name, Driver: 'bridge', Internal: false, Labels: {}, Options: {}, IPAM: { Config }, ...more } as NetworkInspect;
}

const none = { NetworkSettings: { Networks: {} } };

test('a gateway that no one names is the first address of its subnet', () => {
  const all = [
    network('named', [{ Subnet: '10.1.0.0/16', Gateway: '10.1.7.7' }]),
    network('both', [{ Subnet: 'fd5e:1:2:3::/64' }, { Subnet: '10.210.99.0/24', Gateway: '10.210.99.1' }]),
    network('bare', [{ Subnet: '172.28.5.0/16' }, { Subnet: '192.168.200.128/25' }]),
  ];
  expect(gatewaysOf(none, ['named', 'both', 'bare'], all)).toEqual([
    '10.1.7.7',
    '10.210.99.1',
    '172.28.0.1',
    '192.168.200.129',
    'fd5e:1:2:3::1',
  ]);
  expect(gatewaysOf(none, ['named'], all)).toEqual(['10.1.7.7']);
});

test('what may be another machine or a container is not asked', () => {
  const isolated = { Options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated' } };
  const all = [
    network('lan', [{ Subnet: '192.168.1.0/24', Gateway: '192.168.1.1' }], { Driver: 'macvlan' }),
    network('isolated', [{ Subnet: '10.3.0.0/24' }], isolated),
  ];
  expect(gatewaysOf(none, ['lan', 'isolated'], all)).toEqual([]);
});
