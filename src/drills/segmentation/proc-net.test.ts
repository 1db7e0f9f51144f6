import { expect, test } from 'vitest';
import { isLoopback, parseSockets } from './proc-net.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

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
  expect(parseSockets(text)).toEqual([
    { localAddress: '127.0.0.11', localPort: 46_537, address: '0.0.0.0', port: 0, state: 10, unanswered: 0 },
    { localAddress: '10.210.4.2', localPort: 40_000, address: '10.210.4.3', port: 8080, state: 1, unanswered: 2 },
    { localAddress: '::', localPort: 8080, address: '::', port: 0, state: 10, unanswered: 0 },
    { localAddress: '10.210.4.2', localPort: 80, address: '10.210.4.3', port: 50_000, state: 1, unanswered: 0 },
    { localAddress: 'fe80::200:42ff:fed2:3', localPort: 80, address: '::', port: 0, state: 10, unanswered: 0 },
  ]);
  expect(['127.0.0.11', '::1', '0.0.0.0', '10.0.0.1', '::'].map(isLoopback)).toEqual([true, true, false, false, false]);
});

test('an empty table, as without IPv6, has nobody', () => {
  expect([parseSockets(''), parseSockets(head)]).toEqual([[], []]);
});
