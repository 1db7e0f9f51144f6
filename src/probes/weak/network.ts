import { nodePath } from '../../container/node-runtime.ts';
import type { WeakDummy } from './weak-dummy.ts';

/** Answers every question for a name with one address (RFC 1035). */
const nameServer = [
  "const s = require('dgram').createSocket('udp4');",
  "s.on('message', (q, from) => {",
  '  let end = 12; while (q[end]) end += q[end] + 1; end += 5;',
  "  const head = Buffer.from([q[0], q[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]), answer = Buffer.from('c00c000100010000003c00047f000035', 'hex');",
  '  s.send(Buffer.concat([head, q.subarray(12, end), answer]), from.port, from.address);',
  "}).bind(53, '127.0.0.1');",
].join(' ');

/** Whether it listens, waited for: `until_listens tcp 0050`. */
const waiting = `until_listens() { i=0; while [ $i -lt 60 ] && ! $B grep -q ":$2 00000000" /proc/net/$1; do $B sleep 0.05; i=$((i+1)); done; }`;

export const networkWeak: readonly WeakDummy[] = [
  {
    // its own loopback stands for the host, on which an engine and an SSH server listen
    name: 'listening',
    how: 'run',
    config: { User: '0:0' },
    host: { CapAdd: ['NET_ADMIN', 'NET_RAW'] },
    gateways: ['127.0.0.1'],
    setUp: [
      waiting,
      '$B mkdir -p /tmp/engine && echo OK >/tmp/engine/_ping',
      // not children of the script, which waits for its own
      '($B httpd -f -p 2375 -h /tmp/engine >/dev/null 2>&1 &)',
      '($B httpd -f -p 22 -h /tmp/engine >/dev/null 2>&1 &)',
      'until_listens tcp* 0947; until_listens tcp* 0016',
    ].join('\n'),
  },
  {
    // its own loopback stands for the outside
    name: 'outside',
    how: 'run',
    config: { User: '0:0' },
    host: { Dns: ['127.0.0.1'] },
    outside: '127.0.0.1:80',
    setUp: [
      waiting,
      '($B httpd -f -p 127.0.0.1:80 -h / >/dev/null 2>&1 &)',
      `(${nodePath} -e ${JSON.stringify(nameServer)} >/dev/null 2>&1 &)`,
      'until_listens tcp 0050; until_listens udp 0035',
    ].join('\n'),
  },
  {
    // created and never started, it takes no port of anybody's
    name: 'published',
    how: 'declared',
    config: { ExposedPorts: { '80/tcp': {} } },
    host: { NetworkMode: 'bridge', PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '80' }] } },
  },
  { name: 'host-network', how: 'declared', host: { NetworkMode: 'host' } },
];
