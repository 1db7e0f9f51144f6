import { connect, type LookupFunction } from 'node:net';
import { socketError } from './socket-error.ts';

/**
 * How long an accepted connection must stay open. Docker's proxy accepts on a published port before it has tried the container,
 * and hangs up when nothing listens there, later on a busy machine: an accept alone would be green for a dead service.
 */
const settleMs = 100;

/** Connects to `host:port` (`[v6]:port`) and hangs up. A service may speak first; it may not hang up at once without a word. */
export function tcpConnect(
  address: string,
  { lookup, signal, answered }: { readonly lookup: LookupFunction; readonly signal: AbortSignal; readonly answered: () => void },
): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const { host, port } = splitAddress(address);
    const socket = connect({ host, port, lookup });
    let settled: NodeJS.Timeout | undefined;
    let read: NodeJS.Immediate | undefined;
    const finish = (end: () => void) => {
      clearTimeout(settled);
      clearImmediate(read);
      signal.removeEventListener('abort', abort);
      socket.destroy();
      end();
    };
    const abort = () => finish(() => reject(signal.reason as Error));
    signal.addEventListener('abort', abort, { once: true });
    socket.on('connect', () => {
      answered();
      // a hang-up that came while this process stood still is read first
      settled = setTimeout(() => (read = setImmediate(() => finish(() => resolve(null)))), settleMs);
    });
    socket.on('data', () => finish(() => resolve(null)));
    socket.on('end', () => finish(() => resolve('connection closed at once')));
    socket.on('error', (error) => finish(() => resolve(socketError(error))));
  });
}

function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}
