import type { Proof } from '../../domain/proof.ts';
import { freshnessOf } from '../../scorecard/freshness.ts';
import type { ScorecardItem } from '../../scorecard/items.ts';

/** A proof with what its age makes of it, by the scorecard's own reckoning. */
export interface Aged extends Proof {
  /** UTC ms: from when on it proves nothing; what is broken stays broken. */
  readonly expiresAt: number;
  /** It held, too long ago to prove anything. */
  readonly expired: boolean;
  /** It holds, and is older than its drill's cadence. */
  readonly ageing: boolean;
}

/** `items`: the scorecard's, of the same instant `at`, UTC ms. A kind that the rubric does not know ages as one without a schedule. */
export function aged(proofs: readonly Proof[], items: readonly ScorecardItem[], at: number): Aged[] {
  const known = new Map(items.map((item) => [keyOf({ ...item, drill: item.drill ?? '', subject: item.service ?? '' }), item]));
  return proofs.map((proof) => {
    const item = known.get(keyOf(proof));
    const { f, expiresAt, expired } = item ?? freshnessOf(proof, null, at);
    const state = item?.state ?? proof.state;
    return { ...proof, state, expiresAt, expired: state === 'holds' && expired, ageing: state === 'holds' && !expired && f < 1 };
  });
}

function keyOf({ engine, drill, kind, subject, item, type }: Pick<Proof, 'engine' | 'drill' | 'kind' | 'subject' | 'item' | 'type'>) {
  return JSON.stringify([engine, drill, kind, subject, item, type]);
}
