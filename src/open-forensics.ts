import type { Config } from './config/config.ts';
import { secretValue } from './config/secret-value.ts';
import type { Clock } from './domain/clock.ts';
import type { Engine } from './domain/engine.ts';
import { createForensics } from './forensics/create-forensics.ts';
import { hostRecord } from './forensics/host-record.ts';
import type { Forensics } from './forensics/service.ts';
import type { Store } from './store/store.ts';

export interface ForensicsParts {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  engines(): Promise<readonly Engine[]>;
  helperImage(engine: Engine): Promise<string>;
  newId(): string;
  /** Who asks. */
  readonly actor: string;
}

/** Evidence as this installation has it: its folder, its key, its registry. */
export function openForensics(parts: ForensicsParts): Forensics {
  const { config, env } = parts;
  return createForensics({
    ...parts,
    root: config.evidence.path,
    home: config.home,
    registry: config.registry,
    host: hostRecord(),
    credentials: () => {
      const ref = config.registry?.credentials ?? null;
      return ref === null ? null : secretValue(ref, 'registry.credentials', { env, folder: config.home }).reveal();
    },
  });
}
