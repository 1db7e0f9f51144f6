/**
 * The kernel's tables of sockets: `/proc/net/tcp`, `tcp6`, `udp`, `udp6`, `raw`, `raw6` (proc_pid_net(5), Documentation/networking/proc_net_tcp.rst).
 * Leans on Node alone: helpers read them too.
 */
import { isIPv4 } from 'node:net';
import { endianness } from 'node:os';

export interface InetRow {
  readonly local: InetEnd;
  /** Of zeros where there is none. */
  readonly remote: InetEnd;
  /** The kernel's number, as of TCP: 1 is established, 10 listens; of UDP, 7 is not connected. */
  readonly state: number;
  /** Probes of a connection that stands idle that nobody answered. */
  readonly unanswered: number;
  /** NaN where the row does not say it. */
  readonly inode: number;
}

export interface InetEnd {
  /** As RFC 5952 writes it. */
  readonly address: string;
  /** One word, or four, as they lie in memory. */
  readonly words: readonly number[];
  readonly port: number;
}

export const states = { established: 1, unconnected: 7, listens: 10 } as const;

const little = endianness() === 'LE';

/** Rows that are none are left out. */
export function inetRows(text: string): InetRow[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [local, remote] = [inetEnd(fields[1]), inetEnd(fields[2])];
      if (local === null || remote === null) return [];
      const inode = /^\d+$/.test(fields[9] ?? '') ? Number(fields[9]) : Number.NaN;
      return [{ local, remote, state: Number.parseInt(fields[3] ?? '', 16), unanswered: Number(fields[8] ?? 0), inode }];
    });
}

/** `0100007F:1F90`: an address in words of the machine's byte order, and a port. */
export function inetEnd(text: string | undefined): InetEnd | null {
  const [, hex, port] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(text ?? '') ?? [];
  if (hex === undefined || port === undefined) return null;
  return {
    address: hex.length === 8 ? ipv4(hex) : ipv6(hex, 'words'),
    words: (hex.match(/.{8}/g) ?? []).map((word) => Number.parseInt(word, 16)),
    port: Number.parseInt(port, 16),
  };
}

/** From eight hexadecimal digits, a word in the machine's own byte order. */
export function ipv4(hex: string): string {
  return bytesOf(hex).join('.');
}

/** From 32 hexadecimal digits: four `words` of the machine's byte order (tcp6), or the address as it is written (`if_inet6`). */
export function ipv6(hex: string, form: 'words' | 'plain'): string {
  const plain = form === 'plain' ? hex : [0, 8, 16, 24].map((at) => hexOf(bytesOf(hex.slice(at, at + 8)))).join('');
  const groups = Array.from({ length: 8 }, (_, i) => Number.parseInt(plain.slice(i * 4, i * 4 + 4), 16).toString(16));
  // the longest run of zeros, the first of equals (RFC 5952, 4.2)
  let best = { at: 0, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (groups[at + length] === '0') length++;
    if (length > best.length) best = { at, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}

/** One and the same listener takes both: IPv4 within IPv6 is IPv4. */
export function unmapped(address: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  return [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]).join('.');
}

/** Nobody else can reach what listens there. */
export function isLoopback(address: string): boolean {
  const plain = unmapped(address);
  return isIPv4(plain) ? plain.startsWith('127.') : plain === '::1';
}

function bytesOf(word: string): number[] {
  const bytes = [0, 2, 4, 6].map((at) => Number.parseInt(word.slice(at, at + 2), 16));
  return little ? bytes.reverse() : bytes;
}

function hexOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
