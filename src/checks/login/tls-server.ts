import { connect, type TLSSocket } from 'node:tls';
import type { Door } from '../prober/contract.ts';
import { accepted, type Connection, type Network, type Verdict } from './connection.ts';
import { handshake, named } from './tls.ts';

/** What is presented is compared, not trusted: nothing is sent to the server. */
export function tlsServer(door: Extract<Door, { protocol: 'tls-server' }>, secret: string, { lookup }: Network): Connection {
  const { host, port, servername } = door;
  let socket: TLSSocket | undefined;
  const connection = handshake(
    () => {
      socket = connect({ host, port, lookup, ...named(servername), rejectUnauthorized: false });
      return socket;
    },
    (shaken) => Promise.resolve(compared(shaken.socket, secret)),
  );
  return {
    ...connection,
    async login() {
      const verdict = await connection.login();
      // a server that asks for a certificate of ours has shown its own before it refuses
      return verdict.answer === 'refused' && socket !== undefined && presented(socket) !== null ? compared(socket, secret) : verdict;
    },
  };
}

function compared(socket: TLSSocket, fingerprint: string): Verdict {
  return presented(socket) === fingerprint ? accepted : { answer: 'refused', code: 'other-certificate' };
}

function presented(socket: TLSSocket): string | null {
  const { fingerprint256 } = socket.getPeerCertificate();
  return typeof fingerprint256 === 'string' ? fingerprint256.replaceAll(':', '').toLowerCase() : null;
}
