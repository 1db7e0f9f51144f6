import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFdInfo } from './fdinfo.ts';
import { parseArp, parseInterfaces, parseRoutes, parseRoutes6 } from './links.ts';
import { parseFileMappings } from './maps.ts';
import { answersAtOnce, parseMountinfo } from './mountinfo.ts';
import { parseSockets } from './sockets.ts';
import { parseStartTicks, parseStatus } from './status.ts';

const text = fc.string({ unit: 'binary-ascii' });

describe('status', () => {
  const status = (name: string) =>
    parseStatus(
      `Name:\t${name}\nUmask:\t0022\nState:\tD (disk sleep)\nTgid:\t41\nPid:\t41\nPPid:\t7\nUid:\t1\t1000\t1\t1\nGid:\t2\t2000\t2\t2\nNSpid:\t41\t3\t1\nThreads:\t4\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\n`,
    );

  test('reads what it needs', () => {
    expect(status('sleep')).toEqual({
      comm: 'sleep',
      state: 'D',
      ppid: 7,
      nsPids: [41, 3, 1],
      uid: 1000,
      gid: 2000,
      threads: 4,
      capEff: '00000000a80425fb',
      noNewPrivs: true,
      seccomp: 2,
    });
  });

  test('takes no name for a field', () => {
    expect(status('a\\nPid:\\t9: b')).toMatchObject({ comm: 'a\nPid:\\t9: b', nsPids: [41, 3, 1] });
  });

  test('finds the start behind a name with brackets', () => {
    const rest = Array.from({ length: 48 }, (_, i) => (i === 18 ? 123456 : i)).join(' ');
    expect(parseStartTicks(`41 (a) R 1 (b)) S ${rest}`)).toBe(123456);
  });
});

test('mappings of files, and no others', () => {
  const maps = `00400000-00401000 r--p 00000000 00:27 829066                             /usr/bin/busy box
00401000-0058d000 r-xp 00001000 fd:01 829067                             /tmp/x\\012y (deleted)
354ec000-3550e000 rw-p 00000000 00:00 0                                  [heap]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;
  expect(parseFileMappings(maps)).toEqual([
    { range: '400000-401000', permissions: 'r--p', device: '00:27', inode: 829066, path: '/usr/bin/busy box' },
    { range: '401000-58d000', permissions: 'r-xp', device: 'fd:01', inode: 829067, path: '/tmp/x\n y (deleted)'.replace('\n ', '\n') },
  ]);
});

test('mounts, with names that have blanks and line ends, and optional fields', () => {
  const [overlay, hostile, ...rest] = parseMountinfo(
    `74 48 0:39 / / rw,relatime shared:3 master:1 - overlay overlay rw,lowerdir=/a
91 74 0:48 /sub /a\\040b\\012c\\134d rw - fuse.sshfs me@host:/\\040x rw
nonsense
`,
  );
  expect(rest).toEqual([]);
  expect(overlay).toEqual({
    id: 74,
    parent: 48,
    device: '0:39',
    root: '/',
    path: '/',
    options: 'rw,relatime',
    type: 'overlay',
    source: 'overlay',
  });
  expect(hostile).toMatchObject({ path: '/a b\nc\\d', type: 'fuse.sshfs', source: 'me@host:/ x' });
  expect([overlay, hostile].map((mount) => mount !== undefined && answersAtOnce(mount))).toEqual([true, false]);
});

test('what an open file is on', () => {
  expect(parseFdInfo('pos:\t12\nflags:\t0100002\nmnt_id:\t91\nino:\t7\nlock:\t1: FLOCK\n')).toEqual({
    position: 12,
    flags: '0100002',
    mountId: 91,
    inode: 7,
  });
  expect(parseFdInfo('')).toEqual({ position: null, flags: null, mountId: null, inode: null });
});

describe('sockets', () => {
  test('tcp over IPv4 and IPv6', () => {
    const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1B58 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 6401 1 0000000000000000 100 0 0 10 0
   1: 0200D10A:9C40 0100007F:1B58 01 00000000:00000000 00:00000000 00000000     0        0 6402 1 0000000000000000 20 4 30 10 -1
`;
    expect(parseSockets('tcp', tcp)).toEqual([
      { protocol: 'tcp', local: '0.0.0.0:7000', remote: null, state: 'listen', inode: 6401 },
      { protocol: 'tcp', local: '10.209.0.2:40000', remote: '127.0.0.1:7000', state: 'established', inode: 6402 },
    ]);
    const tcp6 = `  sl  local_address                         remote_address                        st
   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 9 1 0
`;
    expect(parseSockets('tcp6', tcp6)).toMatchObject([{ local: '[::1]:80', remote: null, state: 'listen', inode: 9 }]);
  });

  test('unix, with a line end in a path', () => {
    const unix = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 4711 @hidden
0000000000000000: 00000002 00000000 00010000 0001 01 4712 /tmp/a
b c
0000000000000000: 00000003 00000000 00000000 0001 03 4713
`;
    expect(parseSockets('unix', unix)).toEqual([
      { protocol: 'unix', local: '@hidden', remote: null, state: 'listen', inode: 4711 },
      { protocol: 'unix', local: '/tmp/a\nb c', remote: null, state: 'listen', inode: 4712 },
      { protocol: 'unix', local: '', remote: null, state: 'connected', inode: 4713 },
    ]);
  });

  test('packet and netlink', () => {
    const packet = `sk               RefCnt Type Proto  Iface R Rmem   User   Inode
00000000de49b48d 3      3    0003   2     1 0      0      812
`;
    expect(parseSockets('packet', packet)).toMatchObject([{ local: 'type 3 protocol 0x0003 interface 2', inode: 812 }]);
    const netlink = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
00000000de49b48d 0   5791       00000000 0        0        0     2        0        6302434
`;
    expect(parseSockets('netlink', netlink)).toMatchObject([{ local: 'family 0 port 5791', inode: 6302434 }]);
  });
});

test('neighbours, routes and addresses', () => {
  const arp = `IP address       HW type     Flags       HW address            Mask     Device
10.209.0.1       0x1         0x2         02:42:c5:8b:7d:57     *        eth0
`;
  expect(parseArp(arp)).toEqual([{ address: '10.209.0.1', mac: '02:42:c5:8b:7d:57', flags: '0x2', interface: 'eth0' }]);
  const routes = parseRoutes(`Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0100D10A\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0000D10A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`);
  expect(routes).toEqual([
    { family: 4, destination: '0.0.0.0/0', gateway: '10.209.0.1', interface: 'eth0', metric: 0 },
    { family: 4, destination: '10.209.0.0/24', gateway: null, interface: 'eth0', metric: 0 },
  ]);
  const six =
    'fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n';
  expect(parseRoutes6(six)).toEqual([{ family: 6, destination: 'fe80::/64', gateway: null, interface: 'eth0', metric: 256 }]);
  const dev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       5       0    0    0    0     0          0         0        6       0    0    0    0     0       0          0
  eth0:    1086       9    0    0    0     0          0         0        7       0    0    0    0     0       0          0
`;
  const fib = `Main:
  +-- 10.209.0.0/24 2 0 2
     |-- 10.209.0.0
        /24 link UNICAST
     |-- 10.209.0.2
        /32 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
`;
  const inet6 = '00000000000000000000000000000001 01 80 10 80       lo\n';
  expect(parseInterfaces({ dev, inet6, fib }, routes)).toEqual([
    { name: 'lo', addresses: ['127.0.0.1', '::1/128'], receivedBytes: 5, sentBytes: 6 },
    { name: 'eth0', addresses: ['10.209.0.2'], receivedBytes: 1086, sentBytes: 7 },
  ]);
});

test('no text makes a parser throw', () => {
  fc.assert(
    fc.property(text, (given) => {
      parseStatus(given);
      parseStartTicks(given);
      parseFileMappings(given);
      parseMountinfo(given);
      parseFdInfo(given);
      parseArp(given);
      parseInterfaces({ dev: given, inet6: given, fib: given }, [...parseRoutes(given), ...parseRoutes6(given)]);
      for (const protocol of ['tcp', 'tcp6', 'udp', 'unix', 'packet', 'netlink'] as const) parseSockets(protocol, `\n${given}`);
    }),
  );
});
