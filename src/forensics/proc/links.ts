import { ipv4, ipv6 } from '../../domain/proc-net.ts';

/** Of `files/network.json`. */
export interface ArpRecord {
  readonly address: string;
  readonly mac: string;
  readonly flags: string;
  readonly interface: string;
}

export interface RouteRecord {
  readonly family: 4 | 6;
  /** `10.0.0.0/24`. */
  readonly destination: string;
  /** Null for a network that is reached directly. */
  readonly gateway: string | null;
  readonly interface: string;
  readonly metric: number;
}

export interface InterfaceRecord {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** `/proc/PID/net/arp`. */
export function parseArp(text: string): ArpRecord[] {
  return rows(text, 1).flatMap(([address, , flags, mac, , name]) =>
    address === undefined || flags === undefined || mac === undefined || name === undefined
      ? []
      : [{ address, mac, flags, interface: name }],
  );
}

/** `/proc/PID/net/route`. */
export function parseRoutes(text: string): RouteRecord[] {
  return rows(text, 1).flatMap(([name, destination, gateway, , , , metric, mask]) => {
    if (name === undefined || destination === undefined || gateway === undefined || mask === undefined) return [];
    const bits = ipv4(mask)
      .split('.')
      .reduce((sum, byte) => sum + Number(byte).toString(2).replaceAll('0', '').length, 0);
    const via = /^0+$/.test(gateway) ? null : ipv4(gateway);
    return [{ family: 4, destination: `${ipv4(destination)}/${bits}`, gateway: via, interface: name, metric: Number(metric) }];
  });
}

/** `/proc/PID/net/ipv6_route`. */
export function parseRoutes6(text: string): RouteRecord[] {
  return rows(text, 0).flatMap(([destination, length, , , gateway, metric, , , , name]) => {
    if (destination === undefined || length === undefined || gateway === undefined || metric === undefined || name === undefined) return [];
    const via = /^0+$/.test(gateway) ? null : ipv6(gateway, 'plain');
    const network = `${ipv6(destination, 'plain')}/${Number.parseInt(length, 16)}`;
    return [{ family: 6, destination: network, gateway: via, interface: name, metric: Number.parseInt(metric, 16) }];
  });
}

/** `/proc/PID/net/dev`, `if_inet6` and `fib_trie`; which interface has an IPv4 address is told by the route that covers it. */
export function parseInterfaces(texts: { dev: string; inet6: string; fib: string }, routes: readonly RouteRecord[]): InterfaceRecord[] {
  const found = new Map<string, { addresses: string[]; received: number; sent: number }>();
  for (const line of texts.dev.split('\n').slice(2)) {
    const colon = line.lastIndexOf(':');
    if (colon < 0) continue;
    const counts = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    found.set(line.slice(0, colon).trim(), { addresses: [], received: counts[0] ?? 0, sent: counts[8] ?? 0 });
  }
  for (const address of localAddresses(texts.fib)) {
    const name = address.startsWith('127.') ? 'lo' : (covering(address, routes)?.interface ?? '');
    const entry = found.get(name);
    if (entry === undefined) found.set(name, { addresses: [address], received: 0, sent: 0 });
    else entry.addresses.push(address);
  }
  for (const [address, , length, , , name] of rows(texts.inet6, 0)) {
    if (address === undefined || length === undefined || name === undefined) continue;
    found.get(name)?.addresses.push(`${ipv6(address, 'plain')}/${Number.parseInt(length, 16)}`);
  }
  return [...found].map(([name, { addresses, received, sent }]) => ({ name, addresses, receivedBytes: received, sentBytes: sent }));
}

/** Leaves `|-- ADDRESS` of the trie that are followed by `/32 host LOCAL`, once each. */
function localAddresses(fib: string): string[] {
  const found = new Set<string>();
  let leaf = '';
  for (const line of fib.split('\n')) {
    leaf = /\|-- ([\d.]+)/.exec(line)?.[1] ?? leaf;
    if (line.includes('/32 host LOCAL')) found.add(leaf);
  }
  return [...found];
}

function covering(address: string, routes: readonly RouteRecord[]): RouteRecord | undefined {
  return routes
    .filter(({ family, gateway, destination }) => family === 4 && gateway === null && contains(destination, address))
    .sort((a, b) => Number(b.destination.split('/')[1]) - Number(a.destination.split('/')[1]))[0];
}

function contains(network: string, address: string): boolean {
  const [base = '', bits = '0'] = network.split('/');
  const mask = Number(bits) === 0 ? 0 : (~0 << (32 - Number(bits))) >>> 0;
  return (number(base) & mask) >>> 0 === (number(address) & mask) >>> 0;
}

function number(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function rows(text: string, heading: number): string[][] {
  return text
    .split('\n')
    .slice(heading)
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/));
}
