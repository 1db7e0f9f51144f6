/** Starts the HTTP API and listens. Loaded by `serve` alone: fastify costs a short command too much. */
import type { AddressInfo } from 'node:net';
import { FailedError, InvalidError } from '../domain/errors.ts';
import { createApp } from './app.ts';
import type { ServerDeps } from './deps.ts';
import { defaultLimits, type Limits } from './limits.ts';

export interface Server extends AsyncDisposable {
  /** Where it is reached from this machine: `http://127.0.0.1:7500`. */
  readonly address: string;
  /** Ends streams, then connections; resolves within 2 s. */
  stop(): Promise<void>;
}

/** Requests under way get this long to end when the server stops. */
const graceMs = 1_000;

/**
 * @throws InvalidError `address_in_use`, `address_not_available`, `address_forbidden`: the server cannot listen where it is told to.
 */
export async function startServer(deps: ServerDeps, limits: Partial<Limits> = {}): Promise<Server> {
  const stopping = new AbortController();
  const { app } = await createApp(deps, { ...defaultLimits, ...limits }, stopping.signal);
  try {
    await app.listen({ host: deps.config.host, port: deps.config.port });
  } catch (error) {
    await app.close();
    throw listenError(error, deps.config.host, deps.config.port);
  }
  const stop = async () => {
    stopping.abort();
    const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
    try {
      await app.close();
    } finally {
      clearTimeout(cut);
    }
  };
  return { address: urlOf(app.server.address()), stop, [Symbol.asyncDispose]: stop };
}

/** Nobody can go to a wildcard; who is on this machine can go here. */
const wildcards: Readonly<Partial<Record<string, string>>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string')
    throw new FailedError('no_address', `the server listens on ${address}, not on a port`);
  const host = wildcards[address.address] ?? address.address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

const listenErrors: Readonly<Partial<Record<string, readonly [code: string, what: string, hint: string]>>> = {
  EADDRINUSE: ['address_in_use', 'is taken by another program', 'stop it, or set api.port in pitwall.yaml (or PITWALL_API_PORT)'],
  EADDRNOTAVAIL: ['address_not_available', 'is not an address of this machine', 'set api.host in pitwall.yaml (or PITWALL_API_HOST)'],
  ENOTFOUND: ['address_not_available', 'is not a name that leads to an address', 'set api.host in pitwall.yaml (or PITWALL_API_HOST)'],
  EACCES: [
    'address_forbidden',
    'needs rights that this user does not have',
    'set api.port in pitwall.yaml (or PITWALL_API_PORT) to one above 1023',
  ],
};

function listenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const [ours, what, hint] = listenErrors[code] ?? [];
  if (ours === undefined) return error;
  return new InvalidError(ours, `the API cannot listen: ${host}:${port} ${what}`, { hint, cause: error, context: { host, port } });
}
