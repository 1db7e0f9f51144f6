import { expect, test } from 'vitest';
import { endpointText, linkLocal, parseEndpoint, subnets, withoutScope } from './addresses.ts';

test.each([
  ['10.0.0.9:443', { address: '10.0.0.9', port: 443 }],
  ['[fd00::9]:443', { address: 'fd00::9', port: 443 }],
])('%s is an endpoint', (input, value) => {
  expect(parseEndpoint(input)).toEqual({ ok: true, value });
});

test.each(['example.org:443', '10.0.0.9', '10.0.0.9:0', 'fd00::9:443', '10.0.0:80', 443, null])(
  '%j is none: it must be an address, and a port',
  (input) => {
    expect(parseEndpoint(input)).toMatchObject({ ok: false });
  },
);

test('subnets of both families, and what is none is passed over', () => {
  const near = subnets(['10.210.4.1/24', 'fd00:1::/64', 'nonsense', '']);
  expect(['10.210.4.9', '10.210.5.9', 'fd00:1::9', 'fd00:2::9', 'web'].map((one) => near.has(one))).toEqual([
    true,
    false,
    true,
    false,
    false,
  ]);
});

test('the link’s address comes of the MAC address', () => {
  expect(linkLocal('02:42:ac:1e:00:04')).toBe('fe80::42:acff:fe1e:4');
  expect([linkLocal(''), linkLocal('02:42')]).toEqual([null, null]);
  expect([withoutScope('fe80::1%eth0'), endpointText('fe80::1%eth0', 80), endpointText('10.0.0.1', null)]).toEqual([
    'fe80::1',
    '[fe80::1%eth0]:80',
    '10.0.0.1',
  ]);
});
