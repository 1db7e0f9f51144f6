import { performance } from 'node:perf_hooks';
import { systemClock } from '../src/clock.ts';
import { drillKinds } from '../src/domain/words.ts';
import { createScorecards } from '../src/scheduler/scorecards.ts';
import { openStore } from '../src/store/open.ts';
import { type BenchResult, compared, percentile } from './result.ts';
import { drillCount, historyOf } from './store-history.ts';

const few = 1_000;
const many = 1_000_000;
const rounds = 7;
const cards = 12;

/** The scorecard, and a drill's trend over the days that both have, from a thousand and from a million stored runs, alternately; each round opens both anew. */
export async function bench(): Promise<BenchResult[]> {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const paths = { few: historyOf(few, say), many: historyOf(many, say) };
  const drills = Array.from({ length: drillCount }, (_, n) => ({ name: `drill-${String(n).padStart(2, '0')}`, schedule: null }));
  const card: { few: number[]; many: number[] }[] = [];
  const trend: typeof card = [];
  for (let round = 0; round < rounds; round++) {
    const stores = { few: openStore({ path: paths.few, clock: systemClock }), many: openStore({ path: paths.many, clock: systemClock }) };
    const [cardTimes, trendTimes] = [
      { few: [] as number[], many: [] as number[] },
      { few: [] as number[], many: [] as number[] },
    ];
    const items = new Set<number>();
    for (let turn = 0; turn < cards; turn++) {
      for (const side of turn % 2 === 0 ? (['few', 'many'] as const) : (['many', 'few'] as const)) {
        const store = stores[side];
        // made anew each time, as what was computed once is remembered
        const scorecards = createScorecards({ store, drills: () => drills, kinds: drillKinds, clock: systemClock });
        const began = performance.now();
        items.add(scorecards.withItems().items.length);
        cardTimes[side].push(performance.now() - began);
        const [newest] = store.runs.list({ limit: 1 });
        const until = Date.parse(newest?.endedAt ?? '');
        const asked = performance.now();
        const values = store.daily.values({ drill: 'drill-07' }, until - 2 * 86_400_000, until);
        trendTimes[side].push(performance.now() - asked);
        if (values.length === 0) throw new Error(`no trend from ${paths[side]}`);
      }
    }
    if (items.size !== 1) throw new Error(`not the same questions on both sides: ${[...items].join(' and ')}`);
    card.push(cardTimes);
    trend.push(trendTimes);
    stores.few.close();
    stores.many.close();
  }
  const median = (took: typeof card) => took.map((times) => ({ ours: percentile(times.many, 0.5), baseline: percentile(times.few, 0.5) }));
  return [
    compared(`the scorecard: ${many} runs against ${few}`, 'ms', 1.5, median(card)),
    compared(`a drill's trend over two days: ${many} runs against ${few}`, 'ms', 1.5, median(trend)),
  ];
}
