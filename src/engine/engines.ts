import type { Engine } from '../domain/engine.ts';
import { InvalidError } from '../domain/errors.ts';
import type { EngineConfig, EngineDeps } from './config.ts';
import { connectEngine } from './connect.ts';

/** Several engines by name, each lazy and on its own: one that hangs holds up none of the others. */
export interface Engines {
  /** In the order of the configuration. */
  readonly all: readonly Engine[];
  /** Throws `unknown_engine`. */
  get(name: string): Engine;
  /** Closes all of them, also when one cannot be. */
  close(): Promise<void>;
}

export function openEngines(configs: readonly EngineConfig[], deps: EngineDeps): Engines {
  const byName = new Map<string, Engine>();
  for (const config of configs) {
    if (byName.has(config.name))
      throw new InvalidError('duplicate_engine', `two engines are named "${config.name}"`, { hint: 'give each engine its own name' });
    byName.set(config.name, connectEngine(config, deps));
  }
  const all = Object.freeze([...byName.values()]);
  return {
    all,
    get(name) {
      const engine = byName.get(name);
      if (engine !== undefined) return engine;
      throw new InvalidError(
        'unknown_engine',
        `there is no engine named "${name}"; there are: ${[...byName.keys()].join(', ') || 'none'}`,
        {
          hint: 'list it under engines: in pitwall.yaml',
        },
      );
    },
    async close() {
      const results = await Promise.allSettled(all.map((engine) => engine.close()));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}
