import { BlockList, isIP } from 'node:net';
import { bad, good, type Parsed } from '../domain/parsed.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** `10.0.0.9:443` or `[fd00::9]:443`: an address, never a name. */
export function parseEndpoint(input: unknown): Parsed<Endpoint> {
  const problem = 'is not an address with a port (try 10.0.0.9:443; a name that does not resolve would look like a wall)';
  if (typeof input !== 'string') return bad(problem);
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(input.trim());
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  return isIP(address) > 0 && port >= 1 && port <= 65_535 ? good({ address, port }) : bad(problem);
}

/** `10.0.0.9:443`, `[fd00::9]:443`. */
export function endpointText(address: string, port: number | null): string {
  return `${address.includes(':') ? `[${address}]` : address}${port === null ? '' : `:${port}`}`;
}

export interface Subnets {
  has(address: string): boolean;
}

/** Whether an address lies in one of the subnets (`10.0.0.0/24`). What is no subnet is passed over. */
export function subnets(cidrs: readonly string[]): Subnets {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [network = '', prefix = ''] = cidr.split('/');
    const family = isIP(network);
    if (family > 0 && /^\d{1,3}$/.test(prefix)) list.addSubnet(network, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
  }
  return { has: (address) => isIP(address) > 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') };
}

export function withoutScope(address: string): string {
  return address.replace(/%.*$/, '');
}

/** The link's address that the kernel makes of a MAC address (EUI-64, RFC 4291, appendix A); null for what is none. */
export function linkLocal(mac: string): string | null {
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  if (bytes.length !== 6 || bytes.some(Number.isNaN)) return null;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}`;
}
