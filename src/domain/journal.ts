/**
 * The journal: what a run is about to change in the world, with what is needed to undo it, durable before the change is made.
 * A change is opened once, walks through steps, and is closed when the world is as wanted (`done`), as before (`undone`), or when
 * neither could be proven (`residue`). A change that is still open when its process is gone is reconciled by the next start.
 */
import type { Clock } from './clock.ts';
import type { Engine } from './engine.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type ChangeData = Readonly<Record<string, Json | undefined>>;
export type ChangeState = 'open' | 'done' | 'undone' | 'residue';

/** What is asked of the journal before the first touch. */
export interface Intent {
  /** Names the handler that can reconcile it: `recreate`, `restart`, … */
  readonly kind: string;
  /** The container's name, for people. */
  readonly target: string;
  /** All that the handler needs, ids and names included; never a secret. */
  readonly data: ChangeData;
}

export interface ChangeRecord extends Intent {
  readonly id: number;
  readonly runId: string;
  /** The engine's name in the configuration and its daemon id. */
  readonly engine: string;
  readonly engineId: string;
  readonly state: ChangeState;
  /** The last step that was journalled; its action may or may not have happened. */
  readonly step: string | null;
}

/** An open change, in the process that makes it. Every call is durable when it returns. */
export interface Change {
  readonly record: ChangeRecord;
  /** Says what is done next. `data` is merged into the change's data first. */
  step(name: string, data?: ChangeData): void;
  close(state: Exclude<ChangeState, 'open'>, note?: string): void;
}

export interface Journal {
  open(intent: Intent): Change;
}

export type Reconciled =
  /** Read back and proven: finished forwards, or as it was before. */
  | { readonly state: 'done' | 'undone'; readonly note: string }
  /** Not proven; a sentence for each thing that is left, saying what to do. The change can be reconciled again later. */
  | { readonly state: 'residue'; readonly residue: readonly string[] };

export interface ReconcileContext {
  readonly engine: Engine;
  readonly clock: Clock;
  /** The undo's own deadline; never the run's signal. */
  readonly signal: AbortSignal;
}

/**
 * Knows how to finish or undo one kind of change from any step, by looking at the world, not by trusting the last step.
 * Idempotent. Throws `EngineError` when the engine is lost: the change stays open.
 */
export interface ChangeHandler {
  readonly kind: string;
  /** It needs what the run's other changes put back, containers that run above all: it is settled after them. (Default: false.) */
  readonly afterOthers?: boolean;
  reconcile(change: ChangeRecord, context: ReconcileContext): Promise<Reconciled>;
}
