import type { Config } from './config/config.ts';
import type { Clock } from './domain/clock.ts';
import { type Engines, openEngines as open } from './engine/engines.ts';
import { discoverEngine, isLocalSocket } from './engine/host/discover.ts';

export interface EngineSources {
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly uid: number | undefined;
}

/**
 * The engines of the configuration, or the one that Docker's client would use. An engine that nobody listed is `local` when it is a
 * socket of this host; otherwise it has no environment, and every drill refuses it.
 */
export async function openEngines(config: Config, { clock, env, home, uid }: EngineSources): Promise<Engines> {
  // an `ssh` that is started sees nothing else of our environment
  const seen = Object.fromEntries(['HOME', 'PATH', 'SSH_AUTH_SOCK'].map((name) => [name, env[name]]));
  if (config.engines.length > 0) return open(config.engines, { clock, env: seen });
  const found = await discoverEngine({ env, home, uid, clock });
  const environment = isLocalSocket(found.host) ? 'local' : null;
  return open([{ name: 'local', host: found.host, environment, tls: found.tls }], { clock, env: seen });
}
