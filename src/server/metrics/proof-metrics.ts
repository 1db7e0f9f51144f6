import type { Gauge } from 'prom-client';
import type { ServerDeps } from '../deps.ts';

const minuteMs = 60_000;

/** What the scorecard says, by area and kind: the rubric has few of them. Asked anew when a proof has changed, or after a minute. */
export function createProofMetrics(
  gauge: <L extends string>(name: string, help: string, labelNames?: readonly L[]) => Gauge<L>,
  { scorecards, clock }: Pick<ServerDeps, 'scorecards' | 'clock'>,
): { read(): void } {
  const proven = gauge(
    'pitwall_scorecard_proven_ratio',
    'Of what was found, the part that is proven, by area; `all` is all of them together.',
    ['area'],
  );
  const coverage = gauge('pitwall_scorecard_coverage_ratio', 'Of what is to be proven, the part that was asked and is fresh.', ['area']);
  const items = gauge('pitwall_proofs', 'Answers that are kept, by what they say.', ['area', 'kind', 'state']);
  const age = gauge('pitwall_proof_oldest_seconds', 'How long ago the oldest answer was given that nothing newer has taken the place of.', [
    'area',
    'kind',
  ]);
  let made = { version: '', at: Number.NEGATIVE_INFINITY };
  return {
    read() {
      const version = scorecards.version();
      if (version === made.version && clock.monotonic() - made.at < minuteMs) return;
      made = { version, at: clock.monotonic() };
      const { card, items: all } = scorecards.withItems();
      for (const one of [proven, coverage, items, age]) one.reset();
      for (const area of [{ area: 'all', proven: card.proven, coverage: card.coverage }, ...card.areas]) {
        proven.set({ area: area.area }, area.proven);
        coverage.set({ area: area.area }, area.coverage);
      }
      const now = clock.now();
      const oldest = new Map<string, { readonly area: string; readonly kind: string; readonly at: number }>();
      for (const { area, kind, state, expired, waived, at } of all) {
        items.inc({ area, kind, state: waived ? 'waived' : expired ? 'expired' : state });
        const before = oldest.get(kind);
        if (before === undefined || at < before.at) oldest.set(kind, { area, kind, at });
      }
      for (const { area, kind, at } of oldest.values()) age.set({ area, kind }, Math.max(0, now - at) / 1_000);
    },
  };
}
