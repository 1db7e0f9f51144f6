/** What a drill kind is to the runner, and what the runner gives it. A kind never imports the runner. */
import type { ZodType } from 'zod';
import type { Clock } from './clock.ts';
import type { Engine } from './engine.ts';
import type { Freezer } from './evidence.ts';
import type { Journal, Json } from './journal.ts';
import type { Objectives } from './objectives.ts';
import type { Random } from './random.ts';
import type { Secret } from './secret.ts';
import type { Target } from './target.ts';
import type { Finding, ObjectiveBound, Severity, Trigger, Unit } from './words.ts';

/** Targets that are worked on together; nearly always one. */
export interface WorkUnit {
  readonly targets: readonly Target[];
  /** What will be done, in order, for `pitwall plan`. */
  readonly actions: readonly string[];
  /** Nothing is done to the targets themselves, so no replica is missed meanwhile. (Default: false.) */
  readonly untouched?: boolean;
}

export interface Plan {
  /** In the order of work. */
  readonly units: readonly WorkUnit[];
  /** Targets that need nothing, with the reason: `not due`, … */
  readonly idle: readonly { readonly target: Target; readonly outcome: string }[];
  /** Sentences for the reader of the plan. */
  readonly notes: readonly string[];
}

export interface PlanContext<P> {
  readonly engine: Engine;
  readonly params: P;
  /** Opted in, picked, within the blast radius. */
  readonly targets: readonly Target[];
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** An alert that came in for this run: its text held a mark of it (`mark.ts`). */
export interface SeenAlert {
  readonly mark: string;
  /** As its sender names it. */
  readonly rule: string;
  /** RFC 3339, of its arrival. */
  readonly at: string;
}

/** Where alerts on what a run does come in. */
export interface AlertInbox {
  /** Why none can come, a sentence; null when they can. */
  whyDeaf(): string | null;
  /** Those so far, oldest first. */
  seen(): readonly SeenAlert[];
}

export interface RunContext<P> extends PlanContext<P> {
  readonly runId: string;
  readonly actor: string;
  readonly trigger: Trigger;
  /** The database's id: whose things are ours. */
  readonly instance: string;
  readonly plan: Plan;
  readonly journal: Journal;
  readonly freezer: Freezer;
  readonly alerts: AlertInbox;
  /** Made when first asked for. What is made from it is swept when the run ends. */
  helperImage(): Promise<{ readonly reference: string }>;
  /** The value that a reference of the drill names; throws `InvalidError` when there is none. `what`: the key that has it, for messages. */
  secret(ref: { readonly env: string } | { readonly file: string }, what: string): Secret;
  /** Aborted on SIGINT, SIGTERM, halt, `abortIf` and the time limit: take no new action, put back what is half done. */
  readonly signal: AbortSignal;
  /** The one fan-out: window, `minHealthy`, abort and parallelism are its business. Takes no new unit after the first failure, and throws when those under way have ended. */
  forEachUnit(work: (unit: WorkUnit) => Promise<void>, options: { readonly parallel: number }): Promise<void>;
  /** `own`: the target's own objective, which holds where the drill states no objectives at all, in place of a default of the kind's. */
  measure(name: string, target: Target | null, value: number, own?: ObjectiveBound): void;
  finding(finding: Finding): void;
  /** Many at once, in one durable step. */
  findings(findings: readonly Finding[]): void;
  artifact(name: string, content: Json): void;
  event(type: string, target: Target | null, message: string, data?: Readonly<Record<string, Json | undefined>>): void;
  outcome(target: Target, outcome: string): void;
  /** Something was left behind that no undo could take away: the run ends with residue. */
  residue(sentence: string): void;
  /** One round of the steady state now; true also when the drill has none. */
  steadyStateHolds(): Promise<boolean>;
  /**
   * How long requests failed between two monotonic readings, from the samples of the steady state's request checks (http, tcp, exec):
   * the worst check's sum. Null when the drill has no such check. Waits for the answers of requests that were sent in between.
   */
  failedMs(from: number, to: number): Promise<number | null>;
}

export interface DrillKind<P> {
  readonly name: string;
  /** One line, for lists and the generated reference. */
  readonly summary: string;
  readonly params: ZodType<P>;
  /** Every measurement that a run can make, with its unit: what objectives may name. */
  readonly measures: Readonly<Record<string, Unit>>;
  readonly defaultObjectives: Objectives;
  /** By measurement: whose objective holds for it as well, where it has none of its own. (Default: nobody's.) */
  readonly sharedObjectives?: Readonly<Record<string, string>>;
  /** The least severe broken finding that fails a run. (Default: medium.) */
  failOn?(params: P): Severity;
  /**
   * Its targets may also be containers made for the run from an image or a Compose file: created, never started, on networks of ours, removed at
   * its end. (Default: false.)
   */
  readonly acceptsGiven?: boolean;
  /** Decides what would be done and changes nothing. Throws `RefusedError` when something stands against it. */
  plan(context: PlanContext<P>): Promise<Plan>;
  /** Carries the plan out. Throws `FailedError`, `InconclusiveError` or an engine's error; returning means that it did its work. */
  run(context: RunContext<P>): Promise<void>;
}
