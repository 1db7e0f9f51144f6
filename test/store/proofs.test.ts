import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { Finding, Verdict } from '../../src/domain/words.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { newRun, type TestStore, tempStore } from './support.ts';

const target = { id: 'a'.repeat(64), name: 'shop-web-1', service: 'web', image: 'web:1', outcome: null, leftOut: null };

function ended(
  { store, processId }: Pick<TestStore, 'store' | 'processId'>,
  verdict: Verdict,
  state: Finding['state'],
  value: number,
): string {
  const run = newRun({ processId, drill: 'sandbox', kind: 'adversarial-probe' });
  store.runs.open(run);
  store.runs.saveTargets(run.id, [target]);
  const about = {
    probe: 'PRV-04',
    title: 'no new privileges',
    target: target.name,
    severity: 'medium',
    evidence: '',
    waivedUntil: null,
  } as const;
  store.runs.addFindings(run.id, [{ ...about, state }]);
  const objective = { max: 1000 };
  store.runs.addMeasurement(run.id, { name: 'duration', target: target.name, value, unit: 'ms', objective, met: value <= 1000 });
  store.runs.end(run.id, { verdict, reason: '', exitCode: 0, residue: [] });
  return run.id;
}

/** As an upgrade leaves it: nothing is added up yet. */
function addedUpAgain(own: TestStore, onRollUp?: (done: number, total: number) => void): Store {
  const raw = new Database(own.path);
  raw.exec(`
    DELETE FROM proofs; DELETE FROM daily_runs; DELETE FROM daily_values;
    INSERT INTO meta SELECT 'to-roll-up', json_object('at', 0, 'after', 0, 'until', max(n), 'endedBy', max(ended_at)) FROM runs`);
  raw.close();
  const again = openStore({ path: own.path, clock: own.clock, ...(onRollUp === undefined ? {} : { onRollUp }) });
  onTestFinished(() => again.close());
  return again;
}

const all = (store: Store) => ({
  proofs: store.proofs.all(),
  runs: store.daily.runs(0, 9e12),
  values: store.daily.values({ drill: 'sandbox' }, 0, 9e12),
});

test('an ended run is in the proof of its drill and in its day', () => {
  const own = tempStore();
  const version = own.store.proofs.version();
  const first = ended(own, 'failed', 'broken', 500);
  own.clock.advance(86_400_000);
  const last = ended(own, 'passed', 'holds', 2000);
  expect(own.store.proofs.all().map(({ subject, item, state, was, runId }) => [subject, item, state, was, runId])).toEqual([
    ['', 'verdict', 'holds', 'broken', last],
    ['web', 'PRV-04', 'holds', 'broken', last],
    ['web', 'duration', 'broken', 'holds', last],
  ]);
  expect(own.store.proofs.ofSubject('web')[1]?.recent.map(({ runId, value }) => [runId, value])).toEqual([
    [first, 500],
    [last, 2000],
  ]);
  expect(all(own.store).runs.map(({ day, verdict, n }) => [day, verdict, n])).toEqual([
    ['2026-06-01', 'failed', 1],
    ['2026-06-02', 'passed', 1],
  ]);
  expect(all(own.store).values.map(({ day, subject, least, missed }) => [day, subject, least, missed])).toEqual([
    ['2026-06-01', 'web', 500, 0],
    ['2026-06-02', 'web', 2000, 1],
  ]);
  expect(own.store.proofs.version()).toBeGreaterThan(version);
});

test('a run that proves nothing of what runs is in its day, and in no proof', () => {
  const own = tempStore();
  const run = newRun({ processId: own.processId, scored: false });
  own.store.runs.open(run);
  own.store.runs.end(run.id, { verdict: 'passed', reason: '', exitCode: 0, residue: [] });
  expect(own.store.proofs.all()).toEqual([]);
  expect(own.store.daily.runs(0, 9e12).map(({ n, verdict }) => [n, verdict])).toEqual([[1, 'passed']]);
});

test('proof outlives the runs that retention forgets, until its service is retired', async () => {
  const own = tempStore();
  ended(own, 'failed', 'broken', 500);
  own.clock.advance(86_400_000);
  expect(await own.store.retention({ maxAgeMs: 1000, maxCount: null, now: 9e12 })).toMatchObject({ runs: 1 });
  expect(own.store.proofs.all()).toHaveLength(3);
  expect(own.store.proofs.retire('web')).toBe(2);
  expect(own.store.proofs.all().map(({ item }) => item)).toEqual(['verdict']);
});

test('runs count in the order in which they ended, whichever began first', () => {
  const own = tempStore();
  const [first, second] = [newRun({ processId: own.processId }), newRun({ processId: own.processId })];
  for (const run of [first, second]) own.store.runs.open(run);
  const end = (id: string, verdict: Verdict) => own.store.runs.end(id, { verdict, reason: '', exitCode: 0, residue: [] });
  end(second.id, 'passed');
  own.clock.advance(1000);
  end(first.id, 'failed');
  expect(own.store.proofs.all()[0]).toMatchObject({ state: 'broken', runId: first.id });
  expect(all(addedUpAgain(own))).toEqual(all(own.store));
});

test('what ended before there were roll-ups is added up when the database is opened, and comes to the same', () => {
  const own = tempStore();
  for (let n = 0; n < 603; n++) {
    own.clock.advance(600_000);
    ended(own, n % 7 === 0 ? 'failed' : 'passed', n % 7 === 0 ? 'broken' : 'holds', n);
  }
  const live = all(own.store);
  const told: string[] = [];
  expect(all(addedUpAgain(own, (done, total) => told.push(`${done}/${total}`)))).toEqual(live);
  expect(told).toEqual(['0/603', '500/603', '603/603']);
  // and not a second time
  const third = openStore({ path: own.path, clock: own.clock, onRollUp: () => expect.fail('nothing is left to add up') });
  expect(all(third)).toEqual(live);
  third.close();
});

test('a day knows how many of its values were judged', () => {
  const { store, processId } = tempStore();
  for (const met of [true, false, null]) {
    const run = newRun({ processId });
    store.runs.open(run);
    store.runs.addMeasurement(run.id, { name: 'duration', target: null, value: 1, unit: 'ms', objective: null, met });
    store.runs.end(run.id, { verdict: 'passed', reason: '', exitCode: 0, residue: [] });
  }
  expect(store.daily.values({ drill: 'recycle-shop' }, 0, 9e12)).toMatchObject([{ n: 3, missed: 1, judged: 2 }]);
});
