import type { ScorecardItem } from './items.ts';
import type { Counts } from './scorecard.ts';

/** Each item is in one of them. */
export function countsOf(items: readonly ScorecardItem[]): Counts {
  const counts = { holds: 0, broken: 0, inconclusive: 0, expired: 0, waived: 0 };
  for (const item of items) counts[standing(item)] += 1;
  return counts;
}

export function standing({ waived, state, expired }: ScorecardItem): keyof Counts {
  if (waived) return 'waived';
  return state === 'holds' && expired ? 'expired' : state;
}
