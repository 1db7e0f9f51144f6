import type { Proof, ProofState, ProofValue } from '../domain/proof.ts';
import type { ObjectiveBound, Severity, Unit } from '../domain/words.ts';
import { freshnessOf, isAhead } from './freshness.ts';
import { rounded } from './rounded.ts';
import { type RubricArea, rubric } from './rubric.ts';
import type { ScorecardInput } from './scorecard.ts';
import { percentile95, timedShare } from './timed.ts';
import { isWaived } from './waived.ts';

/** One proof as the arithmetic sees it: all that its part in the grade is computed from, and what came of it. Instants are UTC ms. */
export interface ScorecardItem {
  readonly area: string;
  readonly kind: string;
  readonly engine: string;
  /** Null for an act without a drill. */
  readonly drill: string | null;
  /** Null for what is of the whole run. */
  readonly service: string | null;
  readonly item: string;
  readonly type: Proof['type'];
  readonly title: string;
  readonly severity: Severity;
  /** An objective that was not missed but of which it is not known whether it was met is inconclusive, and so is what holds at an instant to come. */
  readonly state: ProofState;
  readonly waivedUntil: string | null;
  /** Broken, and the waiver still holds on the day of the scorecard: left out of both sums. */
  readonly waived: boolean;
  readonly unit: Unit | null;
  readonly objective: ObjectiveBound | null;
  /** Of the last runs, oldest first. */
  readonly recent: readonly ProofValue[];
  readonly best: number | null;
  /** The longest time between two instants of the drill's schedule, ms; null without one. */
  readonly every: number | null;
  /** `every` within the rubric's bounds, ms. */
  readonly cadence: number;
  readonly at: number;
  readonly expiresAt: number;
  /** Too long ago to prove anything; never of one that is broken. */
  readonly expired: boolean;
  readonly weight: number;
  /** What was found, 0 to 1. */
  readonly s: number;
  /** How fresh it is, 0 to 1. */
  readonly f: number;
  /** What it adds to the coverage, 0 to 1. */
  readonly c: number;
  readonly runId: string;
  /** When the state became what it is, and what it was before. */
  readonly changedAt: number;
  readonly was: ProofState | null;
}

/**
 * In an order of their own, so that the proofs' order changes nothing: that in which a store gives them. Of kinds that the rubric knows and
 * this Pitwall has.
 */
export function itemsOf(input: Omit<ScorecardInput, 'since'>): readonly ScorecardItem[] {
  const areas = new Map(areasOf(input.kinds).flatMap((area) => area.kinds.map((kind) => [kind, area.area] as const)));
  return input.proofs.toSorted(inOrder).flatMap((proof) => {
    const area = areas.get(proof.kind);
    return area === undefined ? [] : [itemOf(proof, area, input.cadences.get(proof.drill) ?? null, input.at)];
  });
}

function inOrder(a: Proof, b: Proof): number {
  return (
    compare(a.engine, b.engine) ||
    compare(a.drill, b.drill) ||
    compare(a.kind, b.kind) ||
    compare(a.subject, b.subject) ||
    compare(a.item, b.item) ||
    compare(a.type, b.type)
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** As they would be if no time had passed since they were asked; the same ones where none has. */
export function unaged(items: readonly ScorecardItem[]): readonly ScorecardItem[] {
  if (items.every(({ f }) => f === 1)) return items;
  return items.map((item) => (item.f === 1 ? item : { ...item, expired: false, f: 1, c: item.state === 'inconclusive' ? 0 : 1 }));
}

/** The rubric's areas with the kinds that there are; those without any are left out. */
export function areasOf(kinds: readonly string[]): readonly RubricArea[] {
  return rubric.areas
    .map((area) => ({ ...area, kinds: area.kinds.filter((kind) => kinds.includes(kind)) }))
    .filter((area) => area.kinds.length > 0);
}

function itemOf(proof: Proof, area: string, every: number | null, now: number): ScorecardItem {
  const { kind, engine, item, type, title, severity, waivedUntil, unit, objective, at, runId } = proof;
  const state = stateOf(proof, now);
  const { f, cadence, expiresAt, expired } = freshnessOf(proof, every, now);
  const fresh = rounded(f);
  const broken = state === 'broken';
  return {
    area,
    kind,
    engine,
    drill: proof.drill === '' ? null : proof.drill,
    service: proof.subject === '' ? null : proof.subject,
    item,
    type,
    title,
    severity,
    state,
    waivedUntil,
    waived: isWaived({ type, state, waivedUntil, at }, now),
    unit,
    objective,
    recent: proof.recent,
    best: proof.best,
    every,
    cadence,
    at,
    expiresAt,
    expired: expired && !broken,
    weight: rubric.weights[severity],
    s: rounded(shareOf(proof, state)),
    f: fresh,
    c: broken ? 1 : state === 'inconclusive' ? 0 : fresh,
    runId,
    changedAt: proof.changedAt,
    was: proof.was,
  };
}

function stateOf({ type, state, recent, at }: Proof, now: number): ProofState {
  if (state === 'holds' && isAhead(at, now)) return 'inconclusive';
  return type === 'objective' && state !== 'broken' && (recent.at(-1)?.met ?? null) === null ? 'inconclusive' : state;
}

function shareOf({ type, unit, objective, recent }: Proof, state: ProofState): number {
  if (state === 'inconclusive') return 0;
  if (type === 'objective' && unit === 'ms' && objective !== null && 'max' in objective && objective.max > 0) {
    const worst = percentile95(recent.map(({ value }) => value));
    if (worst !== null) return timedShare(worst, objective.max);
  }
  return state === 'holds' ? 1 : 0;
}
