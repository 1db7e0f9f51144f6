import type { Clock } from '../domain/clock.ts';
import type { CheckSpec } from '../domain/drill.ts';
import type { Engine } from '../domain/engine.ts';

/** What a check needs to know of the run that asks it. */
export interface CheckScope {
  readonly engine: Engine;
  /** The targets' Compose project, in which `service` is looked up; null when they have none. */
  readonly project: string | null;
  /** Of a service's replicas only those with such a name. (Default: all.) */
  readonly only?: (name: string) => boolean;
  readonly clock: Clock;
  /** The helper image, made when the first check with `from` needs it. */
  readonly helper: () => Promise<{ readonly reference: string }>;
  readonly runId: string;
  /** The database's id: whose things these are. */
  readonly instance: string;
}

export interface CheckResult {
  readonly ok: boolean;
  /** Of the request itself, where one was made; otherwise of finding out that none could be. */
  readonly latencyMs: number;
  /** A few words, never an address with credentials and never what a command printed; null when `ok`. */
  readonly error: string | null;
  /** There was nobody to ask, or to ask from. (Default: false.) */
  readonly nobody?: boolean;
}

export interface Check {
  readonly spec: CheckSpec;
  /** Each sample waits for the one before it: what runs a command in a container, or asks the engine, is not stacked. */
  readonly oneAtATime: boolean;
  /**
   * One sample. Rejects only with the signal's reason, or with an `EngineError` when the engine itself cannot be
   * reached: that says nothing about the service, so it is no sample.
   */
  ask(signal: AbortSignal): Promise<CheckResult>;
  /** Ends what the check keeps open; nothing of it is left on the engine when this has returned. */
  close(): Promise<void>;
}
