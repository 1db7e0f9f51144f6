import type { Clock } from '../../domain/clock.ts';
import type { Engine } from '../../domain/engine.ts';

/** What finishing and putting back work with. */
export interface SettleContext {
  readonly engine: Engine;
  readonly clock: Clock;
  /** The undo's own deadline. */
  readonly signal: AbortSignal;
  /** The process that took the last step is gone: the engine may still be at it. */
  readonly inFlight: boolean;
}
