import { type InetEnd, inetRows } from '../../domain/proc-net.ts';
import type { SocketRecord } from '../records.ts';
import { shown } from './raw.ts';

export type SocketProtocol = SocketRecord['protocol'];
/** Without its owners: those are found over the inodes of open files. */
export type ParsedSocket = Omit<SocketRecord, 'owners'>;

/** Files of `/proc/PID/net` that list sockets. */
export const socketFiles = ['tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6', 'unix', 'packet', 'netlink'] as const satisfies SocketProtocol[];

/** include/net/tcp_states.h */
const tcpStates = [
  '',
  'established',
  'syn_sent',
  'syn_recv',
  'fin_wait1',
  'fin_wait2',
  'time_wait',
  'close',
  'close_wait',
  'last_ack',
  'listen',
  'closing',
  'new_syn_recv',
];

/** Reads the text of one such file (proc_pid_net(5)). */
export function parseSockets(protocol: SocketProtocol, text: string): ParsedSocket[] {
  const lines = text.split('\n').slice(1);
  if (protocol === 'unix') return unixSockets(lines);
  if (protocol !== 'packet' && protocol !== 'netlink') return inetSockets(protocol, text);
  const read = protocol === 'packet' ? packetSocket : netlinkSocket;
  return lines.flatMap((line) => read(protocol, line.trim().split(/\s+/)) ?? []);
}

function inetSockets(protocol: SocketProtocol, text: string): ParsedSocket[] {
  return inetRows(text)
    .filter(({ inode }) => !Number.isNaN(inode))
    .map(({ local, remote, state, inode }) => ({
      protocol,
      local: endpoint(local),
      remote: remote.words.some((word) => word !== 0) ? endpoint(remote) : null,
      // datagram sockets use two of these: 7 is merely bound
      state: protocol.startsWith('tcp') ? tcpStates[state] || state.toString(16) : state === 1 ? 'established' : null,
      inode,
    }));
}

function endpoint({ address, port }: InetEnd): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * A path is whatever its owner chose, line ends included: a line that does not begin as a socket does belongs to the path before it.
 * (A path can imitate such a beginning. Its line then has no owner among the open files.)
 */
function unixSockets(lines: readonly string[]): ParsedSocket[] {
  const found: { flags: string; state: string; inode: string; path: string }[] = [];
  for (const line of lines) {
    const match = /^[0-9a-f]{8,16}: [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{8}) [0-9A-F]{4} ([0-9A-F]{2}) +(\d+)(?: (.*))?$/.exec(line);
    const last = found.at(-1);
    if (match !== null) found.push({ flags: match[1] ?? '', state: match[2] ?? '', inode: match[3] ?? '', path: match[4] ?? '' });
    else if (last !== undefined) last.path += `\n${line}`;
  }
  const end = found.at(-1);
  if (end?.path.endsWith('\n')) end.path = end.path.slice(0, -1);
  return found.map(({ flags, state, inode, path }) => ({
    protocol: 'unix',
    local: shown(path),
    remote: null,
    // __SO_ACCEPTCON
    state:
      (Number.parseInt(flags, 16) & 0x10000) !== 0 ? 'listen' : (['', 'unconnected', 'connecting', 'connected'][Number(state)] ?? state),
    inode: Number(inode),
  }));
}

function packetSocket(protocol: SocketProtocol, fields: readonly string[]): ParsedSocket | null {
  const [, , type, proto, , , , , inode] = fields;
  if (type === undefined || proto === undefined || !/^\d+$/.test(inode ?? '')) return null;
  return { protocol, local: `type ${type} protocol 0x${proto} interface ${fields[4]}`, remote: null, state: null, inode: Number(inode) };
}

function netlinkSocket(protocol: SocketProtocol, fields: readonly string[]): ParsedSocket | null {
  const [, family, port] = fields;
  if (family === undefined || port === undefined || !/^\d+$/.test(fields[9] ?? '')) return null;
  return { protocol, local: `family ${family} port ${port}`, remote: null, state: null, inode: Number(fields[9]) };
}
