/** The wall of the dashboard: services × areas, each cell what was practised there last and what came of it. Plain data for the page. */
import type { ProofState } from '../domain/proof.ts';
import type { ObjectiveBound, Severity, Unit } from '../domain/words.ts';

export interface Wall {
  /** Columns, in the rubric's order; areas of which this version of Pitwall has no kind are left out. */
  readonly areas: readonly WallArea[];
  /** The worst first. What was asked of no single service comes last, with `service` null. */
  readonly rows: readonly WallRow[];
}

export interface WallArea {
  readonly area: string;
  readonly kinds: readonly string[];
}

export interface WallRow {
  readonly service: string | null;
  /** One for each of `areas`, in their order; null where nothing was ever practised. */
  readonly cells: readonly (WallCell | null)[];
}

export interface WallCell {
  readonly area: string;
  /** The worst of all that was asked: broken, then inconclusive, then waived, then holds. */
  readonly state: ProofState | 'waived';
  /** Of all that held, the oldest: `ageing` is past its cadence, `expired` proves nothing any more. Where nothing held, of the last run. */
  readonly freshness: Freshness;
  /** The run that practised it last, and when it ended, UTC ms. */
  readonly runId: string;
  readonly at: number;
  /** Whole days since then. */
  readonly days: number;
  readonly counts: WallCounts;
  /** The worst finding of that state, broken or inconclusive, that nobody has waived; null when there is none, as when it is the verdict that is broken. */
  readonly worst: WallFinding | null;
  /** The objective that the cell shows: one that was missed, else one of time, else any; null where there is none. */
  readonly objective: WallObjective | null;
}

export type Freshness = 'fresh' | 'ageing' | 'expired';

/** Every proof is in one of them. Broken are those that are not waived; expired are those that held too long ago to prove anything. */
export interface WallCounts {
  readonly holds: number;
  readonly broken: number;
  readonly waived: number;
  readonly inconclusive: number;
  readonly expired: number;
}

export interface WallFinding {
  readonly item: string;
  readonly title: string;
  readonly severity: Severity;
  readonly state: ProofState;
  /** The run that said so. */
  readonly runId: string;
}

export interface WallObjective {
  readonly name: string;
  readonly unit: Unit;
  /** What it may be; null when the drill states no bound. */
  readonly bound: ObjectiveBound | null;
  /** Of the last run. */
  readonly last: number;
  readonly met: boolean | null;
  /** Ever; of a bound with `min` the greatest, otherwise the least. */
  readonly best: number;
  /** At most five, oldest first; `at` is UTC ms. */
  readonly recent: readonly WallValue[];
}

export interface WallValue {
  readonly at: number;
  readonly value: number;
  readonly met: boolean | null;
  readonly runId: string;
}
