import { expect, test } from 'vitest';
import { type InetEnd, inetRows, isLoopback, unmapped } from './proc-net.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

const end = ({ address, port }: InetEnd) => `${address} ${port}`;

test('reads the kernel’s tables of both families', () => {
  const text = [
    head,
    '   0: 0B00007F:B5C9 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0',
    '   1: 0204D20A:9C40 0304D20A:1F90 01 00000000:00000000 02:00000064 00000000     0        2 1 2 0 20 4 30 10 -1',
    '   2: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1 0',
    '   3: 0000000000000000FFFF00000204D20A:0050 0000000000000000FFFF00000304D20A:C350 01 00000000:00000000 00:00000000 00000000 0 0 1 1 0',
    '   4: 000080FE00000000FF4200020300D2FE:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1 0',
    'broken',
    '',
  ].join('\n');
  expect(inetRows(text).map(({ local, remote, ...rest }) => [end(local), end(remote), rest.state, rest.unanswered, rest.inode])).toEqual([
    ['127.0.0.11 46537', '0.0.0.0 0', 10, 0, 1],
    ['10.210.4.2 40000', '10.210.4.3 8080', 1, 2, 1],
    [':: 8080', ':: 0', 10, 0, 1],
    ['::ffff:ad2:402 80', '::ffff:ad2:403 50000', 1, 0, 1],
    ['fe80::200:42ff:fed2:3 80', ':: 0', 10, 0, 1],
  ]);
  expect(unmapped('::ffff:ad2:402')).toBe('10.210.4.2');
  expect(['127.0.0.11', '::1', '::ffff:7f00:1', '0.0.0.0', '10.0.0.1', '::'].map(isLoopback)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('an empty table, as without IPv6, has nobody', () => {
  expect([inetRows(''), inetRows(head)]).toEqual([[], []]);
});
