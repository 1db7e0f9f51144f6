/**
 * `npm run bench -- NAME… [--json]`: budgets as ratios, measured in one run. Exit 1 when one is not met.
 * Needs a build (`npm run build`) and, where containers are measured, an engine in DOCKER_HOST.
 */
import type { BenchResult } from './result.ts';

const benches: Readonly<Record<string, () => Promise<{ bench(): Promise<readonly BenchResult[]> }>>> = {
  recycle: () => import('./recycle.ts'),
  scheduler: () => import('./scheduler.ts'),
  store: () => import('./store.ts'),
  scorecard: () => import('./scorecard.ts'),
  api: () => import('./api.ts'),
  start: () => import('./start.ts'),
  footprint: () => import('./footprint.ts'),
  memory: () => import('./memory.ts'),
  freeze: () => import('./freeze.ts'),
  evidence: () => import('./evidence.ts'),
  probes: () => import('./probes.ts'),
  segmentation: () => import('./segmentation.ts'),
  rotation: () => import('./rotation.ts'),
  probers: () => import('./probers.ts'),
  pages: () => import('./pages.ts'),
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const names = args.filter((arg) => !arg.startsWith('-'));
const unknown = names.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(`error: no bench ${unknown.join(', ')}\ntry: ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}
let missed = 0;
for (const name of names.length > 0 ? names : Object.keys(benches)) {
  const results = await (await benches[name]?.())?.bench();
  if (results === undefined) continue;
  missed += results.filter((result) => !result.met).length;
  if (json) process.stdout.write(`${JSON.stringify({ name, results })}\n`);
  else for (const result of results) process.stdout.write(`${name}: ${sentence(result)}\n`);
}
process.exitCode = missed > 0 ? 1 : 0;

function sentence({ what, ours, baseline, ratio, limit, met, unit, rounds }: BenchResult): string {
  const figure = (value: number) => `${value.toPrecision(4)} ${unit}`;
  return `${met ? 'met   ' : 'MISSED'} ${what}: ${figure(ours)} against ${figure(baseline)}, ratio ${ratio.toFixed(2)} (at most ${Number(limit.toPrecision(4))}; ${rounds.length} rounds)`;
}
