/** The scorecard as `pitwall scorecard --json` and the API give it. Shares are ratios from 0 to 1; instants are UTC, ISO 8601. */
import type { Proof, ProofState } from '../domain/proof.ts';
import type { Severity } from '../domain/words.ts';

export type Letter = 'A+' | 'A' | 'B' | 'C' | 'D' | 'F';

export interface Scorecard {
  /** Id of the rubric by which it was computed. */
  readonly rubric: string;
  readonly at: string;
  /** A letter; with `*` where a waiver is part of it. */
  readonly grade: string;
  /** The letter that it would be if no proof had aged: better than `grade` where drills need only be practised again. */
  readonly unaged: Letter;
  readonly proven: number;
  readonly coverage: number;
  /** What keeps the grade below what `proven` alone would give, the strictest first. */
  readonly caps: readonly Cap[];
  readonly areas: readonly AreaScore[];
  readonly services: readonly ServiceScore[];
  /** What is different since `since`, the worst first. */
  readonly changes: readonly Change[];
  /** When the scorecard was last computed on an earlier day; a week before `at` when it never was. */
  readonly since: string;
  readonly waivers: readonly Waiver[];
  /** Kinds of drill of the rubric that this version of Pitwall lacks: left out. */
  readonly lacking: readonly string[];
}

export interface Cap {
  /** The rubric's name for the rule. */
  readonly rule: string;
  readonly atMost: Letter;
  readonly because: string;
}

export interface AreaScore {
  readonly area: string;
  readonly kinds: readonly string[];
  readonly weight: number;
  readonly proven: number;
  readonly coverage: number;
  readonly grade: string;
  /** Null for a measure that was never practised. */
  readonly lastPractised: string | null;
  readonly counts: Counts;
}

/** Absolute numbers beside the ratios. */
export interface Counts {
  /** Held when last asked, and not too long ago. */
  readonly holds: number;
  /** Unwaived. */
  readonly broken: number;
  readonly inconclusive: number;
  /** Held when last asked, but too long ago to prove anything. */
  readonly expired: number;
  readonly waived: number;
}

export interface ServiceScore {
  readonly service: string;
  readonly grade: string;
  readonly unaged: Letter;
  readonly caps: readonly Cap[];
  /** Over the areas that were ever practised on it. */
  readonly proven: number;
  /** Over all areas. */
  readonly coverage: number;
  readonly counts: Counts;
  readonly areas: readonly ServiceArea[];
}

export interface ServiceArea {
  readonly area: string;
  readonly proven: number;
  readonly coverage: number;
  readonly lastPractised: string;
  readonly counts: Counts;
}

export interface Change {
  readonly type: 'broken' | 'expired' | 'inconclusive' | 'expiring' | 'slower' | 'mended';
  readonly area: string;
  readonly kind: string;
  readonly drill: string | null;
  readonly service: string | null;
  /** The worst of those that it stands for. */
  readonly item: string;
  readonly title: string;
  readonly severity: Severity;
  /** How many proofs it stands for: those of one drill that expire with one another are one change. */
  readonly count: number;
  readonly runId: string;
  /** When it came to be so, or will: of `expiring` the instant at which the proof expires. */
  readonly at: string;
  readonly from: ProofState | null;
  /** One sentence. */
  readonly message: string;
}

export interface Waiver {
  readonly area: string;
  readonly drill: string | null;
  readonly service: string | null;
  readonly item: string;
  readonly title: string;
  readonly severity: Severity;
  /** `YYYY-MM-DD` */
  readonly until: string;
}

export interface ScorecardInput {
  readonly proofs: readonly Proof[];
  /** UTC ms. */
  readonly at: number;
  /** UTC ms: from when on something counts as a change. */
  readonly since: number;
  /** By drill: the longest time between two instants of its schedule, ms. Drills without a schedule, or that are gone, are not in it. */
  readonly cadences: ReadonlyMap<string, number>;
  /** Kinds of drill that this version of Pitwall has. */
  readonly kinds: readonly string[];
}
