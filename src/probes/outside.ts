import { isIPv4, isIPv6 } from 'node:net';
import { InvalidError } from '../domain/errors.ts';

/** Of `10.1.2.3:80` or `[fd00::3]:80`. A name is refused: one that does not resolve would look like a firewall. */
export function endpointOf(text: string): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(at, 0)).replace(/^\[(.*)\]$/, '$1');
  const port = /^\d{1,5}$/.test(text.slice(at + 1)) ? Number(text.slice(at + 1)) : 0;
  if ((isIPv4(host) || isIPv6(host)) && port >= 1 && port <= 65_535) return { host, port };
  throw new InvalidError('bad_decoy', `the decoy ${JSON.stringify(text)} is not an address and a port`, {
    hint: 'give an IP address and a port: 10.1.2.3:80',
  });
}
