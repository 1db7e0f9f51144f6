import type { Config } from './config/config.ts';
import type { Clock } from './domain/clock.ts';
import type { Engine } from './domain/engine.ts';
import { connectEngine } from './engine/connect.ts';
import { discoverEngine, isLocalSocket } from './engine/discover.ts';

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
export async function openEngines(config: Config, { clock, env, home, uid }: EngineSources): Promise<readonly Engine[]> {
  // an `ssh` that is started sees nothing else of our environment
  const seen = Object.fromEntries(['HOME', 'PATH', 'SSH_AUTH_SOCK'].map((name) => [name, env[name]]));
  if (config.engines.length > 0) return config.engines.map((engine) => connectEngine(engine, { clock, env: seen }));
  const found = await discoverEngine({ env, home, uid, clock });
  const environment = isLocalSocket(found.host) ? 'local' : null;
  return [connectEngine({ name: 'local', host: found.host, environment, tls: found.tls }, { clock, env: seen })];
}
