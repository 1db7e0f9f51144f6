import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import { EngineError } from '../../domain/errors.ts';
import { connectEngine } from '../connect.ts';
import type { TlsFiles } from './address.ts';
import { dockerContext, tlsFiles } from './docker-context.ts';

export { isLocalSocket } from './address.ts';

export interface DiscoverOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** `process.getuid?.()`: undefined where the system has none. */
  readonly uid: number | undefined;
  readonly clock: Clock;
  /** Where to look when nobody named an engine. (Default: `usualSockets`.) */
  readonly sockets?: readonly string[] | undefined;
}

export interface DiscoveredEngine {
  readonly host: string;
  /** What named it: `DOCKER_HOST`, `context desktop-linux`, `/var/run/docker.sock`. */
  readonly source: string;
  readonly tls?: TlsFiles | undefined;
}

/** ms that a socket of this host gets to answer, and an engine that somebody named */
const pingTimeout = { socket: 2_000, named: 10_000 };

/**
 * The engine that Docker's own client would use, else the first of the usual sockets that answers. What somebody named on purpose
 * (DOCKER_HOST, a context) is used or is an error: passing over it would drill another engine than was meant.
 */
export async function discoverEngine(options: DiscoverOptions): Promise<DiscoveredEngine> {
  const named = (await fromEnvironment(options)) ?? (await fromContext(options));
  if (named !== null) {
    const error = await failureOf(named, options, pingTimeout.named);
    if (error === null) return named;
    throw new EngineError(error.code, `${named.source} is set to ${named.host}, but it cannot be used: ${error.message}`, {
      hint: error.hint ?? `correct or unset ${named.source}`,
      cause: error,
      context: { ...named },
    });
  }
  const tried: { path: string; error: EngineError }[] = [];
  for (const path of options.sockets ?? usualSockets(options)) {
    const engine = { host: `unix://${path}`, source: path };
    const error = await failureOf(engine, options, pingTimeout.socket);
    if (error === null) return engine;
    tried.push({ path, error });
  }
  throw nothing(tried);
}

/** In the order in which they are tried. */
export function usualSockets({ env, home, uid }: Pick<DiscoverOptions, 'env' | 'home' | 'uid'>): string[] {
  const paths = [
    '/var/run/docker.sock',
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.config/colima/default/docker.sock'),
    ...(uid === undefined ? [] : [`/run/user/${uid}/docker.sock`]),
  ];
  return [...new Set(paths)];
}

async function fromEnvironment({ env, home }: DiscoverOptions): Promise<DiscoveredEngine | null> {
  const host = env.DOCKER_HOST;
  if (host === undefined || host === '') return null;
  // Docker's client verifies when DOCKER_TLS_VERIFY is anything but empty, with the files in DOCKER_CERT_PATH or its own folder.
  if (!env.DOCKER_TLS_VERIFY || host.startsWith('unix:') || host.startsWith('ssh:')) return { host, source: 'DOCKER_HOST' };
  const folder = env.DOCKER_CERT_PATH || env.DOCKER_CONFIG || join(home, '.docker');
  return { host, source: 'DOCKER_HOST', tls: (await tlsFiles(folder)) ?? {} };
}

async function fromContext({ env, home }: DiscoverOptions): Promise<DiscoveredEngine | null> {
  const context = await dockerContext(env, home);
  if (context === null) return null;
  const { name, host, tls } = context;
  return { host, source: `context ${name}`, ...(tls === undefined ? {} : { tls }) };
}

async function failureOf(engine: DiscoveredEngine, { clock, env }: DiscoverOptions, timeoutMs: number): Promise<EngineError | null> {
  const connection = connectEngine({ name: 'local', environment: null, host: engine.host, tls: engine.tls }, { clock, env });
  try {
    await connection.ping({ timeoutMs });
    return null;
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  } finally {
    await connection.close();
  }
}

function nothing(tried: readonly { path: string; error: EngineError }[]): EngineError {
  const forbidden = tried.find(({ error }) => error.context.reason === 'EACCES');
  const lines = tried.map(({ path, error }) => `${path} (${error.message.replace(/^.*: cannot reach it: /, '')})`);
  return new EngineError('engine_unreachable', `no Docker Engine answers; tried ${lines.join(', ')}`, {
    hint:
      forbidden?.error.hint ??
      'install Docker Engine 20.10 or later (Debian and Ubuntu: `apt-get install docker.io`; others: https://docs.docker.com/engine/install/), or set DOCKER_HOST',
    context: { tried: tried.map(({ path }) => path) },
  });
}
