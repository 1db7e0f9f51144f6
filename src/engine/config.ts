import type { Clock } from '../domain/clock.ts';
import { EngineError } from '../domain/errors.ts';
import type { AddressOptions } from './host/address.ts';

export interface EngineConfig extends AddressOptions {
  readonly name: string;
  /** `unix:///path`, `tcp://host:2376`, `ssh://user@host` */
  readonly host: string;
  /** Null for an engine that is neither listed nor a socket of this host. */
  readonly environment: string | null;
  /** The daemon's ID (`docker info`); another daemon at this address is then refused for every call that acts. */
  readonly id?: string | undefined;
}

export interface EngineDeps {
  readonly clock: Clock;
  /** Told of lost connections and reconnects. */
  readonly log?: ((message: string, fields: Readonly<Record<string, unknown>>) => void) | undefined;
  /** What an `ssh` that is started may see: HOME, PATH, SSH_AUTH_SOCK. (Default: nothing.) */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** Throws `engine_identity` when the engine is not the pinned one. */
export function checkIdentity(config: EngineConfig, id: string): void {
  if (config.id === undefined || config.id === id) return;
  throw new EngineError('engine_identity', `engine ${config.name} (${config.host}): its ID is ${id}, but ${config.id} is pinned`, {
    hint: 'if this is the right engine, put its ID (`docker info --format {{.ID}}`) in pitwall.yaml',
    context: { engine: config.name, id, pinned: config.id },
  });
}
