import type { HoldIo } from '../io.ts';

export interface ReplaceIo extends HoldIo {
  /** ms that it has been frozen when this is called. */
  readonly frozenForMs: number;
  /** Asked of containers that have no healthcheck. */
  steadyStateHolds?(): Promise<boolean>;
}

export interface Replaced {
  readonly newId: string;
  /** What the frozen one is called now. */
  readonly parked: string;
  /** ms from the freeze until the fresh one was seen healthy. */
  readonly downtimeMs: number;
  readonly notes: readonly string[];
}
