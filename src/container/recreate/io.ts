import type { Clock } from '../../domain/clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import type { Journal, Reconciled } from '../../domain/journal.ts';
import type { Target } from '../../domain/target.ts';
import type { Drift } from '../drift.ts';

export interface RecreateOptions {
  readonly runId: string;
  readonly image: 'pinned' | 'current';
  /** Whole seconds before a container that does not end is killed; null is its own. */
  readonly graceSeconds: number | null;
}

export interface RecreateIo {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Once aborted no step is taken any more and what was begun is put back, unless the new ones are healthy already. */
  readonly signal: AbortSignal;
  /** All containers of the engine, stopped ones included: what must not be torn apart is found there. */
  all(): Promise<readonly ContainerInspect[]>;
  /** Asked of containers that have no healthcheck. */
  steadyStateHolds(): Promise<boolean>;
  /** Told of the outgoing container's drift before it is touched; null when it could not be read. */
  onDrift?(target: Target, drift: Drift | null): void;
  /** Told how it ended when something went wrong after the first touch. */
  onSettled?(settled: Reconciled): void;
}

export interface Recreated {
  readonly target: Target;
  readonly newId: string;
  /** UTC ms, by the engine's clock. */
  readonly createdAt: number;
  /** From the call that starts the new one until it was seen healthy. */
  readonly timeToHealthyMs: number;
  /** Monotonic: from just before the old one was told to stop until the new one was seen healthy. */
  readonly from: number;
  readonly to: number;
  /** Where the new one differs from the old one; should be empty. */
  readonly differs: readonly string[];
}
