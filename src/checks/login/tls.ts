import { connect, type TLSSocket } from 'node:tls';
import type { Door } from '../prober/contract.ts';
import { ended, hungUp, unknown } from './codes.ts';
import { accepted, type Connection, type Network, type Verdict } from './connection.ts';
import { tlsVerdict } from './tls-verdict.ts';

/**
 * How long a connection must stay open after its handshake, at least: in TLS 1.3 the client has finished before the server has looked at its certificate, and
 * some servers (Node's) refuse by hanging up.
 */
const settleMs = 50;

export function tlsClient(door: Extract<Door, { protocol: 'tls' }>, secret: string, { lookup, keep }: Network): Connection {
  const { host, port, servername, ca } = door;
  const trust = ca === null ? { rejectUnauthorized: false } : { ca };
  return handshake(
    () => connect({ host, port, lookup, ...named(servername), cert: secret, key: secret, ...trust }),
    (shaken) => settled(shaken, keep),
  );
}

/** IP addresses may not be named (RFC 6066, 3). */
export function named(servername: string): { readonly servername: string } {
  return { servername: /^[\d.]+$|:/.test(servername) ? '' : servername };
}

/** `proven`: what a finished handshake is worth. The connection is then kept open for as long as the server lets it. */
export function handshake(open: () => TLSSocket, proven: (shaken: Shaken) => Promise<Verdict>): Connection {
  let socket: TLSSocket | undefined;
  let end: Verdict | null = null;
  const state = { shaken: false, spoke: false, saidGoodbye: false };

  return {
    async login() {
      const begun = performance.now();
      try {
        socket = open();
      } catch (error) {
        // what is no certificate, or not with this key
        end = tlsVerdict(error);
        return end;
      }
      return Promise.race([failure(socket), success(socket, begun)]);
    },
    // nothing can be asked without knowing what is spoken inside: an open connection is all there is to see
    ask: () => Promise.resolve(end ?? accepted),
    over: () => end,
    leave: () => void socket?.destroy(),
    destroy: () => void socket?.destroy(),
  };

  function failure(socket: TLSSocket): Promise<Verdict> {
    return new Promise((resolve) => {
      const over = (verdict: Verdict) => {
        end ??= verdict;
        resolve(end);
      };
      socket.on('error', (error) => {
        const verdict = tlsVerdict(error);
        over(state.shaken && verdict.answer === 'unknown' ? ended(verdict.code ?? hungUp) : verdict);
      });
      socket.on('close', () => over(state.saidGoodbye ? accepted : state.shaken ? ended(hungUp) : unknown(hungUp)));
    });
  }

  function success(socket: TLSSocket, begun: number): Promise<Verdict> {
    const spoke = () => {
      state.spoke = true;
    };
    socket.on('session', spoke);
    socket.on('data', spoke);
    return new Promise((resolve) => {
      socket.on('secureConnect', () => {
        state.shaken = true;
        const tookMs = performance.now() - begun;
        const goodbye = () => {
          state.saidGoodbye = true;
          socket.end();
        };
        proven({ socket, tookMs, spoke: () => state.spoke, goodbye }).then(resolve, () => undefined);
      });
    });
  }
}

interface Shaken {
  readonly socket: TLSSocket;
  readonly tookMs: number;
  /** The server sent something after its handshake: data, or a ticket, which it gives when it has accepted. */
  spoke(): boolean;
  /** Takes leave; the server's own goodbye then counts as its acceptance. */
  goodbye(): void;
}

/** Still open after as long as a refusal may take. Until TLS 1.2 the handshake's end proves the rest; from 1.3 on it takes a sign of the server. */
async function settled({ socket, tookMs, spoke, goodbye }: Shaken, keep: boolean): Promise<Verdict> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(settleMs, 2 * tookMs)));
  if (socket.getProtocol() !== 'TLSv1.3' || spoke()) return accepted;
  if (keep) return unknown('silent');
  goodbye();
  return new Promise(() => undefined);
}
