import { expect, test } from 'vitest';
import { readExposition } from './exposition.ts';
import { type Harness, newRun, openCase, startHarness } from './harness.ts';

const families = async (harness: Harness) => readExposition((await harness.call('GET', '/metrics')).text);

const checks = [
  { kind: 'engine', name: 'lo"c\\al', ok: true, message: '', ms: 12 },
  { kind: 'engine', name: 'far', ok: false, message: '', ms: 3_000 },
  { kind: 'disk', name: 'database', ok: true, message: '', freeBytes: 5_000 },
] as const;

/** With something of everything. */
async function busy(): Promise<Harness> {
  const late = [[100, 90_000], [], []];
  const harness: Harness = await startHarness({
    ready: async () => ({ ok: false, checks }),
    lateness: () => late.shift() ?? [],
  });
  const { store } = harness;
  await harness.call('GET', '/metrics');
  const target = { id: 'a'.repeat(64), name: 'shop-web-1', service: 'web', image: 'i', outcome: null, leftOut: null };
  for (const [verdict, value] of [
    ['passed', 5],
    ['failed', 100],
  ] as const) {
    const id = harness.openRun();
    store.runs.saveTargets(id, [target]);
    store.runs.addMeasurement(id, {
      name: 'time_to_healthy',
      target: target.name,
      value,
      unit: 'ms',
      objective: { max: 10 },
      met: value <= 10,
    });
    store.runs.end(id, { verdict, reason: '', exitCode: 0, residue: [] });
  }
  openCase(store, 'ev_01J00000000000000000000000');
  store.notices.add({ key: 'k', type: 'failed', at: 1, subject: null, message: 'm', data: {} }, ['ops', 'chat']);
  store.notices.settle(1, 'ops', { state: 'sent', triedAt: 1, nextAt: 1, note: 'answered 200' });
  return harness;
}

test('every metric is as Prometheus’ own checks want it', async () => {
  await using harness = await busy();
  for (const [name, { type, help, samples }] of await families(harness)) {
    expect(name).toMatch(/^pitwall_[a-z][a-z0-9_]*$/);
    expect([name, help.length > 10, type !== '']).toEqual([name, true, true]);
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    expect(name).not.toMatch(/_(?:count|sum|bucket|info_total|gauge|counter|ms|milliseconds|minutes|hours|percent)$/);
    if (type === 'counter') for (const value of samples.values()) expect(value).toBeGreaterThanOrEqual(0);
    if (type === 'histogram')
      for (const base of new Set([...samples.keys()].filter((key) => key.includes('_count'))))
        expect([...samples.keys()].some((key) => key.includes('le="+Inf"') && key.startsWith(base.slice(0, base.indexOf('_count'))))).toBe(
          true,
        );
  }
});

test('the reader is strict', () => {
  const good = '# HELP a_b What it is.\n# TYPE a_b gauge\na_b{c="d"} 1\n';
  expect(readExposition(good).get('a_b')?.samples).toEqual(new Map([['a_b{c="d"}', 1]]));
  for (const bad of [
    good.slice(0, -1),
    `${good}a_b{c="d"} 2\n`,
    `${good}other 2\n`,
    good + good,
    good.replace('c="d"', 'c="d",c="e"'),
    good.replace('c="d"', 'c="d'),
    good.replace('c="d"', '1c="d"'),
    good.replace(' 1\n', ' one\n'),
    good.replace('# TYPE a_b gauge\n', ''),
    good.replace('gauge', 'thing'),
  ])
    expect(() => readExposition(bad)).toThrow();
});

test('objectives, proof, what is held, engines’ answers, disks, lateness, notices', async () => {
  await using harness = await busy();
  const found = new Map([...(await families(harness)).values()].flatMap(({ samples }) => [...samples]));
  const at = (key: string) => found.get(key);
  expect(at('pitwall_objectives_total{drill="recycle-shop",measurement="time_to_healthy",met="true"}')).toBe(1);
  expect(at('pitwall_objectives_total{drill="recycle-shop",measurement="time_to_healthy",met="false"}')).toBe(1);
  expect(at('pitwall_engine_ping_seconds{engine="lo\\"c\\\\al"}')).toBe(0.012);
  expect(at('pitwall_engine_ping_seconds{engine="far"}')).toBeUndefined();
  expect(at('pitwall_disk_free_bytes{disk="database"}')).toBe(5_000);
  expect(at('pitwall_scheduler_lateness_seconds_bucket{le="0.5"}')).toBe(1);
  expect([at('pitwall_scheduler_lateness_seconds_count{}'), at('pitwall_scheduler_lateness_seconds_sum{}')]).toEqual([2, 90.1]);
  expect([at('pitwall_frozen_containers{engine="local"}'), at('pitwall_frozen_overdue{engine="local"}')]).toEqual([1, 1]);
  expect(at('pitwall_frozen_oldest_seconds{engine="local"}')).toBeGreaterThanOrEqual(0);
  expect(at('pitwall_notice_deliveries{hook="ops",state="sent"}')).toBe(1);
  expect(at('pitwall_notice_deliveries{hook="chat",state="pending"}')).toBe(1);
  expect(at('pitwall_proofs{area="recycling",kind="reverse-uptime",state="broken"}')).toBe(2);
  expect(at('pitwall_proof_oldest_seconds{area="recycling",kind="reverse-uptime"}')).toBeLessThan(60);
  expect(at('pitwall_scorecard_coverage_ratio{area="recycling"}')).toBeGreaterThan(0);
  expect(at('pitwall_scorecard_proven_ratio{area="all"}')).toBeLessThan(1);
  harness.store.holds.release('ev_01J00000000000000000000000', 'resumed');
  const after = await families(harness);
  expect(after.get('pitwall_frozen_containers')?.samples.size).toBe(0);
  expect(after.get('pitwall_scheduler_lateness_seconds')?.samples.get('pitwall_scheduler_lateness_seconds_count{}')).toBe(2);
});

test('a run of a drill that is in no catalogue adds no series of its own', async () => {
  await using harness = await busy();
  const before = (await families(harness)).get('pitwall_objectives_total')?.samples.size ?? 0;
  for (let i = 0; i < 5; i++) {
    const id = harness.openRun({ ...newRun, drill: `from-a-file-${i}` });
    harness.store.runs.addMeasurement(id, { name: `m${i}`, target: null, value: 1, unit: 'count', objective: { max: 2 }, met: true });
    harness.store.runs.end(id, { verdict: 'passed', reason: '', exitCode: 0, residue: [] });
  }
  expect((await families(harness)).get('pitwall_objectives_total')?.samples.size).toBe(before + 1);
});
