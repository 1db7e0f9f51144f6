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

/** Fails unless something listens there, in hex: `tcp* 0016`. */
const listening = (table: string, port: string) => `$B grep -q ":${port} 00000000" /proc/net/${table}`;
/** On a busy host a server may take a while; one that never comes is no weakness of which anything could be said. */
const until = (...all: readonly string[]) => `i=0; until ${all.join(' && ')}; do i=$((i+1)); [ $i -gt 300 ] && break; $B sleep 0.05; done`;
const engineAndSsh = [listening('tcp*', '0947'), listening('tcp*', '0016')];
const webAndNames = [listening('tcp', '0050'), listening('udp', '0035')];

export const networkWeak: readonly WeakDummy[] = [
  {
    // its own loopback stands for the host, on which an engine and an SSH server listen
    name: 'listening',
    how: 'run',
    config: { User: '0:0' },
    host: { CapAdd: ['NET_ADMIN', 'NET_RAW'] },
    gateways: ['127.0.0.1'],
    setUp: [
      '$B mkdir -p /tmp/engine && echo OK >/tmp/engine/_ping',
      // not children of the script, which waits for its own
      '($B httpd -f -p 2375 -h /tmp/engine >/dev/null 2>&1 &)',
      '($B httpd -f -p 22 -h /tmp/engine >/dev/null 2>&1 &)',
      until(...engineAndSsh),
    ].join('\n'),
    needs: { run: engineAndSsh.join(' && '), lacking: 'nothing came to listen in the weak dummy in time' },
  },
  {
    // its own loopback stands for the outside
    name: 'outside',
    how: 'run',
    config: { User: '0:0' },
    host: { Dns: ['127.0.0.1'] },
    outside: '127.0.0.1:80',
    setUp: [
      '($B httpd -f -p 127.0.0.1:80 -h / >/dev/null 2>&1 &)',
      `(${nodePath} -e ${JSON.stringify(nameServer)} >/dev/null 2>&1 &)`,
      until(...webAndNames),
    ].join('\n'),
    needs: { run: webAndNames.join(' && '), lacking: 'what stands for the outside did not come up in time' },
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
