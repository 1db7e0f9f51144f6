import { rubric } from './rubric.ts';

export interface Freshness {
  /** 1 within its cadence, then halved with every further one; 0 when it has expired, or is dated ahead. */
  readonly f: number;
  /** How often it should be practised, ms. */
  readonly cadence: number;
  /** UTC ms. */
  readonly expiresAt: number;
  readonly expired: boolean;
}

/** How much of a proof is left. @param every the longest time between two instants of its drill's schedule, ms; null without one */
export function freshnessOf(proof: { readonly kind: string; readonly at: number }, every: number | null, now: number): Freshness {
  const cadence = cadenceOf(proof.kind, every);
  const expiresAt = proof.at + rubric.expiresAfter * cadence;
  const expired = now >= expiresAt;
  const age = now - proof.at;
  return { f: expired || isAhead(proof.at, now) ? 0 : age <= cadence ? 1 : 2 ** -((age - cadence) / cadence), cadence, expiresAt, expired };
}

/**
 * Dated by a clock that was wrong, so nobody knows how old it is: it proves nothing until it is asked again. When that instant has come it
 * cannot be told from any other any more.
 */
export function isAhead(at: number, now: number): boolean {
  return at - now > rubric.aheadAtMost;
}

function cadenceOf(kind: string, every: number | null): number {
  const { unscheduled, longest } = rubric.cadences[kind] ?? { unscheduled: 30, longest: 90 };
  return every === null ? unscheduled * day : Math.min(Math.max(every, rubric.shortestCadence * day), longest * day);
}

const day = 86_400_000;
