import type { Config } from '../config/config.ts';
import type { SecretRef } from '../config/fields.ts';
import type { Clock } from '../domain/clock.ts';
import type { Engine } from '../domain/engine.ts';
import type { Freezer } from '../domain/evidence.ts';
import type { ChangeHandler } from '../domain/journal.ts';
import type { DrillKind } from '../domain/kind.ts';
import type { Secret } from '../domain/secret.ts';
import type { RunEvent } from '../domain/words.ts';
import type { Store } from '../store/store.ts';
import type { Self } from './targets/self-protection.ts';

/** What a run needs of the process it runs in. */
export interface RunnerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly kinds: ReadonlyMap<string, DrillKind<unknown>>;
  readonly handlers: ReadonlyMap<string, ChangeHandler>;
  readonly config: Pick<Config, 'optIn' | 'policy'>;
  readonly self: Self;
  /** Row of this process in the store. */
  readonly processId: number;
  /** A new ULID; ascending within a process. */
  newId(): string;
  /** The helper image that checks with `from` run in; made when first asked for. */
  helperImage(engine: Engine): Promise<{ readonly reference: string }>;
  /** The value that a reference of a drill file names; throws `InvalidError` when there is none. `what`: the key, for messages. */
  secret(ref: SecretRef, what: string): Secret;
  /** Removes what Pitwall itself left on the engine for runs that have ended; a sentence for each thing that went, and for each that would not. */
  sweep(
    engine: Engine,
    options: { isEnded(runId: string): boolean; readonly allInstances?: boolean },
  ): Promise<{ readonly removed: readonly string[]; readonly failed: readonly string[] }>;
  /** Freezes and captures containers; for drills and for freezes on demand. */
  readonly freezer: Freezer;
  /** Adds to the custody log of a case, where there is one. */
  readonly evidence: { note(evidenceId: string, what: string, who: string): Promise<void> };
  /** Sees every event of a run as it is written. */
  onEvent?(event: RunEvent): void;
}
