import type { ExpiringProof } from '../../notify/of-proof.ts';
import type { ScorecardItem } from '../../scorecard/items.ts';

/** What still holds and will prove nothing within one more cadence of its drill, a drill at a time. */
export function expiringProofs(items: readonly ScorecardItem[], now: number): readonly ExpiringProof[] {
  const groups = new Map<string, ExpiringProof>();
  for (const { state, expired, expiresAt, cadence, drill, kind, engine } of items) {
    if (state !== 'holds' || expired || expiresAt - now > cadence) continue;
    const key = [engine, drill ?? '', kind].join('\u0000');
    const before = groups.get(key);
    groups.set(key, {
      drill: drill ?? '',
      kind,
      engine,
      items: (before?.items ?? 0) + 1,
      expiresAt: Math.min(before?.expiresAt ?? expiresAt, expiresAt),
    });
  }
  return [...groups.values()];
}
