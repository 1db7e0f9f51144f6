import type { createAborter } from './abort.ts';
import type { RunOptions } from './options.ts';
import type { Recorder } from './recorder.ts';

/** A run that is going on, as its parts share it. */
export interface Execution {
  readonly runId: string;
  readonly seed: string;
  readonly begun: number;
  readonly options: RunOptions;
  readonly aborter: ReturnType<typeof createAborter>;
  readonly record: Recorder;
  readonly state: RunState;
}

/** What its parts have found out so far, for the verdict. */
export interface RunState {
  error: unknown;
  lost: readonly string[];
  /** There was nothing to do. */
  idle: boolean;
  /** Something was, or may have been, touched. */
  acted: boolean;
  /** Names of the targets that were to be worked on. */
  worked: readonly string[];
}
