import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { nthAddress } from '../lookup.ts';
import type { Door } from '../prober/contract.ts';
import { codeOf, ended, hungUp, unknown } from './codes.ts';
import { accepted, type Connection, type Network, type Verdict } from './connection.ts';
import { statusVerdict } from './http-verdict.ts';
import { named } from './tls.ts';

/** GET over one connection that is kept. The certificate of an HTTPS server is checked, before it is shown a secret. */
export function httpDoor(door: Extract<Door, { protocol: 'http' }>, secret: string, network: Network): Connection {
  const lookup = door.nth === undefined ? network.lookup : nthAddress(network.lookup, door.nth);
  const url = new URL(door.url);
  const secure = url.protocol === 'https:';
  const colon = door.header.indexOf(':');
  const header = {
    [door.header.slice(0, colon).trim()]: door.header
      .slice(colon + 1)
      .trim()
      .replaceAll('{secret}', () => secret),
  };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  let answered = false;
  let end: Verdict | null = null;
  let drained: Promise<unknown> = Promise.resolve();
  const agent = new (secure ? https : http).Agent({ keepAlive: true, maxSockets: 1 });
  const port = Number(url.port || (secure ? 443 : 80));
  const socket = secure ? connectTls({ host, port, lookup, ...named(host), ALPNProtocols: ['http/1.1'] }) : connect({ host, port, lookup });
  socket.on('error', (error) => {
    end ??= answered ? ended(codeOf(error)) : unknown(codeOf(error));
  });
  socket.on('close', () => {
    end ??= answered ? ended(hungUp) : unknown(hungUp);
  });
  // the one connection for all requests: a second one would be a new login
  agent.createConnection = () => socket;

  return {
    login: () => Promise.resolve(accepted),
    async ask() {
      await drained;
      if (end !== null) return end;
      return new Promise((resolve) => {
        const failed = (error: unknown) => resolve(end ?? (answered ? ended(codeOf(error)) : unknown(codeOf(error))));
        try {
          const { get } = secure ? https : http;
          const request = get(url, { agent, headers: { 'user-agent': 'pitwall', ...header } }, (response) => {
            answered = true;
            response.on('error', () => undefined);
            drained = new Promise((done) => response.once('close', done));
            response.resume();
            resolve(statusVerdict(response.statusCode ?? 0));
          });
          request.on('error', failed);
        } catch (error) {
          failed(error);
        }
      });
    },
    over: () => end,
    leave: () => void socket.destroy(),
    // TLS has nothing of the sort
    destroy: () => void (secure ? socket.destroy() : socket.resetAndDestroy()),
  };
}
