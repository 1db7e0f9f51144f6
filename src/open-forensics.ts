import { readFileSync } from 'node:fs';
import type { Config } from './config/config.ts';
import type { SecretRef } from './config/fields.ts';
import type { Clock } from './domain/clock.ts';
import type { Engine } from './domain/engine.ts';
import { InvalidError } from './domain/errors.ts';
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
    credentials: () => secretOf(config.registry?.credentials ?? null, env),
  });
}

/** Read when it is needed, and kept nowhere. */
function secretOf(ref: SecretRef | null, env: NodeJS.ProcessEnv): string | null {
  if (ref === null) return null;
  if ('env' in ref) {
    const value = env[ref.env];
    if (value === undefined || value === '')
      throw new InvalidError('no_secret', `registry.credentials: the variable ${ref.env} is not set`);
    return value;
  }
  try {
    return readFileSync(ref.file, 'utf8').replace(/\n$/, '');
  } catch (cause) {
    throw new InvalidError('no_secret', `registry.credentials: ${ref.file} cannot be read`, { cause });
  }
}
