import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { type InetRow, inetRows, isLoopback, states, unmapped } from '../../domain/proc-net.ts';
import type { Established, Listener, Own } from './reach-lines.ts';

/** What the network namespace has: its addresses, who listens, and who is connected. */
export async function readOwn(): Promise<Own> {
  const [tcp, udp, forward] = await Promise.all([sockets('tcp'), sockets('udp'), text('/proc/sys/net/ipv4/ip_forward')]);
  const listeners: Listener[] = [
    ...tcp.filter(({ state }) => state === states.listens).map(({ local }) => ({ ...plain(local), protocol: 'tcp' as const })),
    ...udp.filter(({ state }) => state === states.unconnected).map(({ local }) => ({ ...plain(local), protocol: 'udp' as const })),
  ].filter(({ address }) => !isLoopback(address));
  const served = new Set(tcp.filter(({ state }) => state === states.listens).map(({ local }) => local.port));
  const established: Established[] = tcp
    // of a connection that came in, the own port is one that is listened on
    .filter((row) => row.state === states.established && !served.has(row.local.port) && !isLoopback(row.remote.address))
    .map(({ local, remote }) => ({ localPort: local.port, ...plain(remote) }));
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, all]) =>
    (all ?? []).map(({ address, cidr, internal }) => ({ interface: name, address, cidr, internal })),
  );
  return { addresses, listeners, established, forwards: forward.trim() === '1' };
}

function plain({ address, port }: InetRow['local']): { readonly address: string; readonly port: number } {
  return { address: unmapped(address), port };
}

/** Of both families. */
export async function sockets(protocol: 'tcp' | 'udp'): Promise<InetRow[]> {
  const tables = await Promise.all([text(`/proc/net/${protocol}`), text(`/proc/net/${protocol}6`)]);
  return tables.flatMap(inetRows);
}

/** Empty where the kernel has none, as without IPv6. */
function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
