import { performance } from 'node:perf_hooks';
import { systemClock } from '../src/clock.ts';
import { openStore } from '../src/store/open.ts';
import type { RunFilter } from '../src/store/run-list.ts';
import { type BenchResult, compared, percentile, within } from './result.ts';
import { drillCount, historyOf } from './store-history.ts';

const few = 1_000;
const many = 1_000_000;
const rounds = 7;
const queries = 300;

interface Question {
  readonly what: string;
  /** The same number of rows from both databases: with 1,000 runs a drill has 20 of them. */
  readonly filter: (turn: number) => RunFilter;
}

const questions: readonly Question[] = [
  { what: 'newest runs, a page of 50', filter: () => ({ limit: 50 }) },
  {
    what: "one drill's history, a page of 20",
    filter: (turn) => ({ drill: `drill-${String((turn * 7) % drillCount).padStart(2, '0')}`, limit: 20 }),
  },
];

/** Lists at a thousand and at a million stored runs, asked alternately; each round opens both databases anew. */
export async function bench(): Promise<BenchResult[]> {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const paths = { few: historyOf(few, say), many: historyOf(many, say) };
  return questions.flatMap(({ what, filter }) => {
    const took: { few: number[]; many: number[] }[] = [];
    for (let round = 0; round < rounds; round++) {
      const both = { few: openStore({ path: paths.few, clock: systemClock }), many: openStore({ path: paths.many, clock: systemClock }) };
      const times = { few: [] as number[], many: [] as number[] };
      for (let turn = 0; turn < queries; turn++) {
        for (const side of turn % 2 === 0 ? (['few', 'many'] as const) : (['many', 'few'] as const)) {
          const began = performance.now();
          const found = both[side].runs.list(filter(turn));
          times[side].push(performance.now() - began);
          if (found.length !== filter(turn).limit) throw new Error(`${what}: ${found.length} rows from ${paths[side]}`);
        }
      }
      took.push(times);
      both.few.close();
      both.many.close();
    }
    return [
      compared(
        `${what}: median, ${many} runs against ${few}`,
        'ms',
        1.5,
        took.map((times) => ({ ours: percentile(times.many, 0.5), baseline: percentile(times.few, 0.5) })),
      ),
      within(
        `${what}: p99 at ${few} runs`,
        'ms',
        5,
        took.map((times) => percentile(times.few, 0.99)),
      ),
      within(
        `${what}: p99 at ${many} runs`,
        'ms',
        5,
        took.map((times) => percentile(times.many, 0.99)),
      ),
    ];
  });
}
