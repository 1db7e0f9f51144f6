import { connect, type Socket } from 'node:net';
import { type InetRow, states, unmapped } from '../../domain/proc-net.ts';
import type { Answer, Reach, Request, Spot } from './reach-lines.ts';

/** A connection that is kept open. */
export interface Held {
  readonly key: number;
  readonly socket: Socket;
  readonly localPort: number;
  readonly address: string;
  readonly port: number;
}

/** Files that a process may have open can be as few as 1024. */
const atOnce = 800;
const tries = 2;
/** How long an accepted connection must stay open: Docker's proxy accepts before it has tried the container. */
const settleMs = 30;
/** From when on a held connection that stands idle is probed by the kernel. */
const idleMs = 1_000;

/** Connects to all of them, as many at once as may be, and hangs up unless they are to be held. Tries again only where no answer came. */
export async function connectAll(
  { targets, timeoutMs, hold }: Extract<Request, { do: 'connect' }>,
  say: (answer: Answer) => void,
  signal: AbortSignal,
): Promise<Held[]> {
  const waiting = [...targets];
  const held: Held[] = [];
  const worker = async () => {
    for (let spot = waiting.shift(); spot !== undefined && !signal.aborted; spot = waiting.shift()) {
      for (let done = 1; ; done++) {
        const { reach, errno, socket } = await connectOnce(spot, timeoutMs, hold);
        if (reach === 'timeout' && done < tries && !signal.aborted) continue;
        if (socket !== null)
          held.push({
            key: spot.key,
            socket,
            localPort: socket.localPort ?? 0,
            address: (socket.remoteAddress ?? '').replace(/%.*$/, ''),
            port: spot.port,
          });
        say({ key: spot.key, reach, errno, tries: done });
        break;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, targets.length) }, worker));
  return held;
}

/** By both of its ends: connections to different addresses may share a local port. */
export function isAlive({ localPort, address, port }: Pick<Held, 'localPort' | 'address' | 'port'>, rows: readonly InetRow[]): boolean {
  const row = rows.find(({ local, remote }) => local.port === localPort && remote.port === port && unmapped(remote.address) === address);
  return row !== undefined && row.state === states.established && row.unanswered === 0;
}

interface Attempt {
  readonly reach: Reach;
  readonly errno: string | null;
  readonly socket: Socket | null;
}

function connectOnce({ address, port }: Spot, timeoutMs: number, hold: boolean): Promise<Attempt> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    let connected = false;
    let timer = setTimeout(() => {
      // a busy machine may have the answer waiting behind this very timer
      setImmediate(() => setImmediate(() => (connected ? undefined : finish('timeout', null))));
    }, timeoutMs);
    const finish = (reach: Reach, errno: string | null) => {
      clearTimeout(timer);
      const keep = hold && reach === 'open';
      if (!keep) socket.destroy();
      resolve({ reach, errno, socket: keep ? socket : null });
    };
    socket.on('connect', () => {
      connected = true;
      clearTimeout(timer);
      if (hold) socket.setKeepAlive(true, idleMs);
      // as above: it may have been hung up on behind this very timer
      timer = setTimeout(() => setImmediate(() => finish('open', null)), settleMs);
    });
    socket.on('data', () => finish('open', null));
    socket.on('end', () => finish('hung-up', null));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const errno = error.code ?? 'unknown';
      finish(connected ? 'hung-up' : reachOf(errno), errno);
    });
  });
}

function reachOf(errno: string): Reach {
  if (errno === 'ECONNREFUSED' || errno === 'ECONNRESET') return 'refused';
  if (errno === 'ETIMEDOUT') return 'timeout';
  return ['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EADDRNOTAVAIL'].includes(errno) ? 'unreachable' : 'error';
}
