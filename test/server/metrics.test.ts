import { expect, test } from 'vitest';
import { drill, type Harness, startHarness } from './harness.ts';

/** The samples by name and labels, after a look at the form. */
async function scrape(harness: Harness): Promise<Map<string, number>> {
  const { status, text, headers } = await harness.call('GET', '/metrics');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of samples) expect(line).toMatch(/^pitwall_[a-z_]+(\{.*\})? \S+$/);
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

const ended = { verdict: 'passed', reason: 'it held', exitCode: 0, residue: [] } as const;

test('counts each run once, whoever ran it and however it lies between two scrapes', async () => {
  await using harness = await startHarness();
  const before = harness.openRun();
  await scrape(harness);
  harness.store.runs.end(before, ended);
  const quick = harness.openRun({ drill: 'by-hand' });
  harness.store.runs.end(quick, { ...ended, verdict: 'failed', exitCode: 1 });
  const foreign = harness.openRun({ drill: 'from-a-file-somewhere' });
  harness.store.runs.end(foreign, ended);
  const going = harness.openRun();
  for (const _ of ['once', 'and again']) {
    const samples = await scrape(harness);
    expect(samples.get('pitwall_runs_total{drill="recycle-shop",kind="reverse-uptime",verdict="passed"}')).toBe(1);
    expect(samples.get('pitwall_runs_total{drill="by-hand",kind="reverse-uptime",verdict="failed"}')).toBe(1);
    expect(samples.get('pitwall_runs_total{drill="other",kind="reverse-uptime",verdict="passed"}')).toBe(1);
    expect(samples.get('pitwall_run_duration_seconds_count{kind="reverse-uptime"}')).toBe(3);
    expect(samples.get('pitwall_runs_unended')).toBe(1);
    expect([...samples.keys()].join()).not.toContain('from-a-file');
  }
  harness.store.runs.end(going, ended);
  expect((await scrape(harness)).get('pitwall_runs_total{drill="recycle-shop",kind="reverse-uptime",verdict="passed"}')).toBe(2);
});

test('does not count what ended before the server started', async () => {
  await using harness = await startHarness();
  harness.store.runs.end(harness.openRun(), ended);
  await using second = await startHarness({ store: harness.store });
  const samples = await scrape(second);
  expect([...samples.keys()].filter((name) => name.startsWith('pitwall_runs_total'))).toEqual([]);
});

test('the last measurements: the worst target’s, without the targets’ names, until a newer run measures', async () => {
  await using harness = await startHarness();
  const { runs } = harness.store;
  const first = harness.openRun();
  for (const [target, value] of [
    ['a', 10],
    ['b', 30],
    ['c', 20],
  ] as const) {
    runs.addMeasurement(first, { name: 'time_to_healthy', target, value, unit: 'ms', objective: { max: 60 }, met: true });
    runs.addMeasurement(first, { name: 'coverage', target, value: value / 100, unit: 'ratio', objective: { min: 0.1 }, met: true });
  }
  runs.end(first, ended);
  const name = (measurement: string, unit: string) =>
    `pitwall_measurement{drill="recycle-shop",measurement="${measurement}",unit="${unit}"}`;
  const samples = await scrape(harness);
  expect([samples.get(name('time_to_healthy', 'ms')), samples.get(name('coverage', 'ratio'))]).toEqual([30, 0.1]);
  runs.end(harness.openRun(), { ...ended, verdict: 'refused', exitCode: 4 });
  expect((await scrape(harness)).get(name('time_to_healthy', 'ms'))).toBe(30);
  const third = harness.openRun();
  runs.addMeasurement(third, { name: 'time_to_healthy', target: 'a', value: 5, unit: 'ms', objective: null, met: null });
  expect((await scrape(harness)).get(name('time_to_healthy', 'ms'))).toBe(30);
  runs.end(third, ended);
  const last = await scrape(harness);
  expect([last.get(name('time_to_healthy', 'ms')), last.get(name('coverage', 'ratio'))]).toEqual([5, undefined]);
});

test('engines, halt, changes, slots, drills', async () => {
  const checks = [
    { kind: 'engine', name: 'local', ok: true, message: '' },
    { kind: 'engine', name: 'far', ok: false, message: '' },
    { kind: 'database', name: 'pitwall.db', ok: true, message: '' },
  ] as const;
  await using harness = await startHarness({ ready: async () => ({ ok: false, checks }) });
  const { store } = harness;
  const runId = harness.openRun();
  const journal = store.journal.forRun(runId, 'local', 'ENGINE');
  const intent = { kind: 'recreate', target: 'shop-web-1', data: {} };
  journal.open(intent);
  journal.open(intent).close('residue', 'left');
  store.slots.decide({ drill: 'recycle-shop', instant: 1, due: 1, state: 'missed', processId: null, note: null });
  store.control.halt('test', 'smoke');
  const samples = await scrape(harness);
  expect(Object.fromEntries(samples)).toMatchObject({
    'pitwall_engine_up{engine="local"}': 1,
    'pitwall_engine_up{engine="far"}': 0,
    pitwall_ready: 0,
    pitwall_halted: 1,
    pitwall_open_changes: 1,
    pitwall_residue_changes: 1,
    'pitwall_slots{state="missed"}': 1,
    pitwall_drills: 2,
    pitwall_drill_problems: 1,
    'pitwall_build_info{version="0.1.0"}': 1,
  });
  expect(samples.get('pitwall_drill_last_run_timestamp_seconds{drill="recycle-shop",verdict="running"}')).toBeCloseTo(
    Date.now() / 1_000,
    -2,
  );
  expect([...samples.keys()].filter((name) => name.includes('engine_up')).length).toBe(2);
});

test('an engine that makes ready fail leaves the rest', async () => {
  const ready = async () => {
    throw new Error('lost');
  };
  await using harness = await startHarness({ ready });
  const samples = await scrape(harness);
  expect([samples.get('pitwall_ready'), samples.get('pitwall_halted')]).toEqual([0, 0]);
});

test('labels stay few whatever is asked for', async () => {
  await using harness = await startHarness({ catalogue: () => ({ drills: [drill('a')], problems: [] }) });
  for (let i = 0; i < 20; i++) {
    await harness.call('GET', `/nowhere/${i}`);
    await harness.call('GET', `/api/v1/runs/${String(i).padStart(26, '0')}`);
  }
  const names = [...(await scrape(harness)).keys()].filter((name) => name.startsWith('pitwall_http_request_duration_seconds_count'));
  expect(names.sort()).toEqual([
    'pitwall_http_request_duration_seconds_count{method="GET",route="/api/v1/runs/:id",status="404"}',
    'pitwall_http_request_duration_seconds_count{method="any",route="none",status="404"}',
  ]);
});
