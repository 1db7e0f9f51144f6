import { expect, test } from 'vitest';
import { isInternal, whyNot } from './addresses.ts';

const none = { private: false, ranges: [] };

test('what is not plainly public is refused, however it is written', () => {
  for (const address of [
    '127.0.0.1',
    '127.255.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:10.0.0.1',
    '::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::7f00:1',
    '::ffff:0:127.0.0.1',
    '::ffff:0:a9fe:a9fe',
    '100.100.100.200',
    '168.63.129.16',
    '::ffff:168.63.129.16',
    '2002:7f00:1::',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    'fec0::1',
    'nonsense',
    '',
  ])
    expect([address, whyNot(address, none)]).not.toEqual([address, null]);
  for (const address of ['1.1.1.1', '172.32.0.1', '100.128.0.1', '11.0.0.1', '2606:4700::1111', '[2606:4700::1111]', '::ffff:1.1.1.1'])
    expect([address, whyNot(address, none), isInternal(address)]).toEqual([address, null, false]);
});

test('the owner’s word: private addresses, never the cloud’s metadata but by its range', () => {
  const all = { private: true, ranges: [] };
  for (const address of ['127.0.0.1', '10.0.0.1', 'fd12::1', '::ffff:192.168.1.1', '::1'])
    expect([address, whyNot(address, all)]).toEqual([address, null]);
  for (const address of [
    '169.254.169.254',
    '::ffff:169.254.169.254',
    'fd00:ec2::254',
    'fd20:ce::254',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '224.0.0.1',
    '64:ff9b::a00:1',
    '::ffff:0:10.0.0.1',
  ])
    expect([address, whyNot(address, all)]).not.toEqual([address, null]);
  const some = { private: false, ranges: ['10.1.0.0/16', 'fd00:1::/32', '169.254.1.0/24'] };
  expect(['10.1.255.1', '::ffff:10.1.0.1', 'fd00:1::9', '169.254.1.7'].map((address) => whyNot(address, some))).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(['10.2.0.1', '127.0.0.1', 'fd00:2::1', '169.254.169.254'].filter((address) => whyNot(address, some) === null)).toEqual([]);
});
