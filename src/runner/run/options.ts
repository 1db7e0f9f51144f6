import type { ExitCode } from '../../domain/errors.ts';
import type { Finding, RunRecord, Trigger } from '../../domain/words.ts';
import type { Given } from './given.ts';

export interface RunOptions {
  readonly trigger: Trigger;
  /** Who asked: a user name, a token's name, `scheduler`. */
  readonly actor: string;
  readonly seed?: string | undefined;
  /** Picks the same targets as this run did, by name. */
  readonly replay?: RunRecord | undefined;
  /** UTC ms of the schedule's instant that this run answers; the row is tied to it. */
  readonly slot?: number | undefined;
  readonly ignoreWindow?: string | undefined;
  /** Targets made for this run, in place of the drill's selector; its kind must accept them. */
  readonly given?: Given | undefined;
  /** False for a drill that is not the one of the catalogue that has its name: what it finds is no proof of that one. (Default: true.) */
  readonly scored?: boolean | undefined;
  /** Which findings count for the exit code; the record and its verdict have them all. (Default: all.) */
  readonly counting?: ((record: RunRecord) => readonly Finding[]) | undefined;
  /** Aborts the run; what is half done is put back first. */
  readonly signal?: AbortSignal | undefined;
  /** Called as soon as the run's row is durable. */
  onOpened?(runId: string): void;
}

export interface RunOutcome {
  readonly record: RunRecord;
  /** What to do about it, where that is known. */
  readonly hint: string | null;
  readonly exitCode: ExitCode;
}
