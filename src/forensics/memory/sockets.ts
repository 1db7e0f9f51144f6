import { type InetEnd, inetRows } from '../../domain/proc-net.ts';
import { readText } from './read.ts';

/** What `/proc/PID/net` says of a socket, in the kernel's own numbers (proc(5), Documentation/networking/proc_net_tcp.rst). */
export interface InetSocket {
  readonly kind: 'inet';
  /** AF_INET 2, AF_INET6 10. */
  readonly family: number;
  /** SOCK_STREAM 1, SOCK_DGRAM 2, SOCK_RAW 3. */
  readonly type: number;
  /** IPPROTO_TCP 6, IPPROTO_UDP 17. */
  readonly protocol: number;
  /** As of TCP: 1 established, 10 listens. */
  readonly state: number;
  readonly source: InetEnd;
  readonly destination: InetEnd;
}

export interface UnixSocket {
  readonly kind: 'unix';
  readonly type: number;
  readonly state: number;
  /** Its characters are bytes; an abstract one begins with a zero byte. */
  readonly name: string;
}

export type Socket = InetSocket | UnixSocket;

const tables = [
  ['tcp', 2, 1, 6],
  ['tcp6', 10, 1, 6],
  ['udp', 2, 2, 17],
  ['udp6', 10, 2, 17],
  ['raw', 2, 3, 255],
  ['raw6', 10, 3, 255],
] as const;

/** By inode. A table that cannot be read has no sockets: another step of the capture answers for them. */
export function readSockets(view: string): ReadonlyMap<string, Socket> {
  const sockets = new Map<string, Socket>();
  for (const [name, family, type, protocol] of tables) {
    for (const { local, remote, state, inode } of inetRows(table(`${view}/net/${name}`)))
      sockets.set(String(inode), { kind: 'inet', family, type, protocol, state, source: local, destination: remote });
  }
  for (const line of table(`${view}/net/unix`).split('\n').slice(1)) {
    const words = line.trim().split(/\s+/);
    const [flags, type, state, inode] = [words[3], words[4], words[5], words[6]];
    if (flags === undefined || type === undefined || state === undefined || inode === undefined) continue;
    const path = words.slice(7).join(' ');
    // As CRIU writes the states of TCP here, too: listens, established, closed.
    const like = (Number.parseInt(flags, 16) & 0x1_0000) !== 0 ? 10 : state === '03' ? 1 : 7;
    sockets.set(inode, { kind: 'unix', type: Number.parseInt(type, 16), state: like, name: path.replace(/^@/, '\0') });
  }
  return sockets;
}

function table(path: string): string {
  try {
    return readText(path);
  } catch {
    return '';
  }
}
