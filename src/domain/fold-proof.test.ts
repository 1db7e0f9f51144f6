import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EndedRun, foldRun } from './fold-proof.ts';
import type { Proof } from './proof.ts';
import type { Finding, Measurement } from './words.ts';

const web = (n: number, leftOut: string | null = null) => ({
  name: `shop-web-${n}`,
  service: 'web',
  outcome: null as string | null,
  leftOut,
});
const api = { name: 'shop-api-1', service: 'api', outcome: null as string | null, leftOut: null };
const finding = (over: Partial<Finding> = {}): Finding => ({
  probe: 'PRV-04',
  title: 'no new privileges',
  target: 'shop-web-1',
  state: 'holds',
  severity: 'medium',
  evidence: '',
  waivedUntil: null,
  ...over,
});
const time = (value: number, over: Partial<Measurement> = {}): Measurement => ({
  name: 'time_to_healthy',
  target: 'shop-web-1',
  value,
  unit: 'ms',
  objective: { max: 1000 },
  met: value <= 1000,
  ...over,
});
let n = 0;
const run = (over: Partial<EndedRun> = {}): EndedRun => {
  n += 1;
  return {
    runId: `run-${n}`,
    endedAt: n * 1000,
    engine: 'local',
    drill: 'sandbox',
    kind: 'adversarial-probe',
    verdict: 'passed',
    hasResidue: false,
    targets: [web(1), web(2)],
    findings: [],
    measurements: [],
    ...over,
  };
};
/** The proof after all of these, oldest first. */
const proofsOf = (...runs: readonly EndedRun[]): readonly Proof[] => {
  let all = new Map<string, Proof>();
  for (const one of runs) {
    const { set, removed } = foldRun([...all.values()], one);
    const key = (proof: Proof) => `${proof.type} ${proof.subject} ${proof.item}`;
    all = new Map([...all].filter(([name]) => !removed.some((gone) => key(gone) === name)));
    for (const proof of set) all.set(key(proof), proof);
  }
  return [...all.values()];
};
const about = (proofs: readonly Proof[], item: string) => proofs.find((proof) => proof.item === item);

describe('findings', () => {
  test('are one question a service and probe, and the worst answer is its answer', () => {
    const proofs = proofsOf(run({ findings: [finding(), finding({ target: 'shop-web-2', state: 'broken', title: 'they are gained' })] }));
    expect(about(proofs, 'PRV-04')).toMatchObject({ subject: 'web', state: 'broken', title: 'they are gained', brokenOn: ['shop-web-2'] });
  });

  test('a broken one stays while the probe is asked in vain, or not at all', () => {
    const broken = run({ verdict: 'failed', findings: [finding({ state: 'broken' })] });
    for (const state of ['inconclusive', 'not-applicable'] as const)
      expect(about(proofsOf(broken, run({ findings: [finding({ state })] })), 'PRV-04')).toMatchObject({
        state: 'broken',
        runId: broken.runId,
      });
    for (const verdict of ['refused', 'aborted', 'error'] as const)
      expect(about(proofsOf(broken, run({ verdict, findings: [finding()] })), 'PRV-04')?.state).toBe('broken');
    expect(about(proofsOf(broken, run({ findings: [finding({ probe: 'PRV-05' })] })), 'PRV-04')?.state).toBe('broken');
  });

  test('is mended by the same container, not by another one that was always fine', () => {
    const broken = run({ verdict: 'failed', findings: [finding({ state: 'broken' })] });
    const other = run({ findings: [finding({ target: 'shop-web-2' })], targets: [web(1, 'not picked'), web(2)] });
    expect(about(proofsOf(broken, other), 'PRV-04')).toMatchObject({ state: 'broken', brokenOn: ['shop-web-1'] });
    const mended = proofsOf(broken, other, run({ findings: [finding()] }));
    expect(about(mended, 'PRV-04')).toMatchObject({ state: 'holds', was: 'broken', brokenOn: [] });
  });

  test('one that the drill no longer selects, and that is still there, stays broken', () => {
    const broken = run({ verdict: 'failed', findings: [finding({ state: 'broken' })] });
    const narrower = (present: EndedRun['present']) =>
      about(proofsOf(broken, run({ findings: [finding({ target: 'shop-web-3' })], targets: [web(3)], present })), 'PRV-04')?.state;
    expect([narrower(['shop-web-1']), narrower('all'), narrower([])]).toEqual(['broken', 'broken', 'holds']);
  });

  test('is mended by the others when the container is gone', () => {
    const broken = run({ verdict: 'failed', findings: [finding({ state: 'broken' })] });
    expect(about(proofsOf(broken, run({ findings: [finding({ target: 'shop-web-3' })], targets: [web(3)] })), 'PRV-04')?.state).toBe(
      'holds',
    );
  });

  test('a broken one counts although the run was aborted', () => {
    expect(about(proofsOf(run({ verdict: 'aborted', findings: [finding({ state: 'broken' })] })), 'PRV-04')?.state).toBe('broken');
    expect(proofsOf(run({ verdict: 'aborted', findings: [finding()], measurements: [time(1)] }))).toEqual([]);
  });

  test('a waived one says until when, the first of several; an unwaived one beside it counts', () => {
    const waived = (waivedUntil: string | null, target: string) => finding({ state: 'broken', waivedUntil, target });
    const both = [waived('2027-02-01', 'shop-web-1'), waived('2027-01-01', 'shop-web-2')];
    expect(about(proofsOf(run({ findings: both })), 'PRV-04')?.waivedUntil).toBe('2027-01-01');
    const untilMidnight = [waived('2027-01-02T00:00:00.000Z', 'shop-web-1')];
    expect(about(proofsOf(run({ findings: untilMidnight })), 'PRV-04')?.waivedUntil).toBe('2027-01-01');
    expect(about(proofsOf(run({ findings: [...both, waived(null, 'shop-web-2')] })), 'PRV-04')?.waivedUntil).toBeNull();
    const open = run({ verdict: 'failed', findings: [waived(null, 'shop-web-1')] });
    const later = run({ findings: [waived('2027-02-01', 'shop-web-1')] });
    expect(about(proofsOf(open, later), 'PRV-04')?.waivedUntil).toBe('2027-02-01');
  });

  test('what no longer applies is no question any more; what was not asked of the rest of a service is', () => {
    const first = run({ findings: [finding(), finding({ probe: 'PRV-05' })] });
    expect(about(proofsOf(first, run({ findings: [finding()] })), 'PRV-05')).toBeUndefined();
    const picked = run({ findings: [finding({ target: 'shop-web-2' })], targets: [web(1, 'not picked'), web(2)] });
    expect(about(proofsOf(first, picked), 'PRV-05')?.state).toBe('holds');
    // a run that got nowhere takes nothing away
    expect(about(proofsOf(first, run({ verdict: 'inconclusive', findings: [finding()] })), 'PRV-05')?.state).toBe('holds');
  });
});

describe('what an answer does not make better', () => {
  test('a slight finding on another container leaves a grave one grave', () => {
    const grave = run({ verdict: 'failed', findings: [finding({ state: 'broken', severity: 'critical', title: 'grave' })] });
    const slight = finding({ state: 'broken', severity: 'low', target: 'shop-web-2' });
    const proofs = proofsOf(grave, run({ verdict: 'failed', findings: [slight], targets: [web(1, 'not picked'), web(2)] }));
    expect(about(proofs, 'PRV-04')).toMatchObject({ severity: 'critical', title: 'grave', brokenOn: ['shop-web-1', 'shop-web-2'] });
    const unsure = run({ findings: [finding({ state: 'inconclusive', severity: 'critical' })] });
    const found = run({ verdict: 'failed', findings: [finding({ state: 'broken', severity: 'low' })] });
    expect(about(proofsOf(unsure, found), 'PRV-04')?.severity).toBe('critical');
  });

  test('a later waiver of another container does not prolong an earlier one', () => {
    const waived = (waivedUntil: string, target: string) => finding({ state: 'broken', waivedUntil, target });
    const first = run({ findings: [waived('2026-12-01', 'shop-web-1')] });
    const second = run({ findings: [waived('2027-12-31', 'shop-web-2')], targets: [web(1, 'not picked'), web(2)] });
    expect(about(proofsOf(first, second), 'PRV-04')?.waivedUntil).toBe('2026-12-01');
  });

  test('residue counts whatever the verdict', () => {
    for (const verdict of ['aborted', 'error', 'refused'] as const)
      expect(about(proofsOf(run(), run({ verdict, hasResidue: true })), 'verdict')?.state).toBe('broken');
  });

  test('an objective without its value is not known, but of what needed nothing', () => {
    const met = run({ measurements: [time(10), time(20, { target: 'shop-api-1' })], targets: [web(1), api] });
    const lost = run({ verdict: 'failed', targets: [web(1), { ...api, outcome: 'not due' }] });
    const states = proofsOf(met, lost).filter(({ type }) => type === 'objective');
    expect(states.map(({ subject, state }) => [subject, state])).toEqual([
      ['web', 'inconclusive'],
      ['api', 'holds'],
    ]);
  });

  test('a clock that was set back does not make the last answer an old one', () => {
    const later = run({ verdict: 'failed', endedAt: 9e9 });
    expect(about(proofsOf(later, run({ endedAt: 1e9 })), 'verdict')).toMatchObject({ state: 'holds', at: 9e9 });
  });
});

test('a probe that holds for the run as a whole holds for each container that it was broken on', () => {
  const broken = run({ verdict: 'failed', findings: [finding({ state: 'broken' }), finding({ state: 'broken', probe: 'PRV-05' })] });
  const whole = run({ findings: [finding({ target: null, title: 'found nowhere' })] });
  const proofs = proofsOf(broken, whole);
  expect(proofs.find(({ item, subject }) => item === 'PRV-04' && subject === 'web')).toMatchObject({ state: 'holds', was: 'broken' });
  expect(about(proofs, 'PRV-05')?.state).toBe('broken');
});

describe('objectives', () => {
  test('keep the last five runs’ worst values, and the best of all', () => {
    const values = [100, 900, 300, 400, 500, 600, 700];
    const proofs = proofsOf(...values.map((value) => run({ measurements: [time(value), time(value - 50, { target: 'shop-web-2' })] })));
    const objective = about(proofs, 'time_to_healthy');
    expect(objective?.recent.map(({ value }) => value)).toEqual([300, 400, 500, 600, 700]);
    expect(objective).toMatchObject({ best: 100, state: 'holds', unit: 'ms', objective: { max: 1000 } });
  });

  test('with a least value, less is worse', () => {
    const cover = (value: number, target: string) =>
      time(value, { name: 'coverage', unit: 'ratio', objective: { min: 0.9 }, met: value >= 0.9, target });
    const proof = about(proofsOf(run({ measurements: [cover(0.95, 'shop-web-1'), cover(0.5, 'shop-web-2')] })), 'coverage');
    expect(proof).toMatchObject({ state: 'broken', best: 0.5, brokenOn: ['shop-web-2'] });
    expect(proof?.recent.map(({ value }) => value)).toEqual([0.5]);
  });

  test('without a bound it is no question', () => {
    expect(about(proofsOf(run({ measurements: [time(1, { objective: null, met: null })] })), 'time_to_healthy')).toBeUndefined();
  });
});

test('the drill as a whole: residue is broken, and only a pass mends it', () => {
  const state = (...runs: EndedRun[]) => about(proofsOf(...runs), 'verdict')?.state;
  expect(state(run())).toBe('holds');
  expect(state(run({ hasResidue: true }))).toBe('broken');
  expect(state(run({ verdict: 'failed' }), run({ verdict: 'inconclusive' }))).toBe('broken');
  expect(state(run({ verdict: 'failed' }), run())).toBe('holds');
  expect(state(run(), run({ verdict: 'refused' }))).toBe('holds');
});

test('whatever ran before: a probe that this run found broken is broken, and nothing broken goes without its probe holding', () => {
  const state = fc.constantFrom('holds' as const, 'broken' as const, 'inconclusive' as const, 'not-applicable' as const);
  const some = fc.array(fc.record({ state, target: fc.constantFrom('shop-web-1', 'shop-web-2'), probe: fc.constantFrom('A', 'B') }));
  const ended = fc.record({ found: some, verdict: fc.constantFrom('passed' as const, 'failed' as const, 'aborted' as const) });
  fc.assert(
    fc.property(fc.array(ended, { minLength: 1, maxLength: 6 }), (all) => {
      const runs = all.map(({ found, verdict }) => run({ verdict, findings: found.map((one) => finding(one)) }));
      const before = proofsOf(...runs.slice(0, -1));
      const now = proofsOf(...runs);
      const last = runs.at(-1) as EndedRun;
      for (const probe of ['A', 'B']) {
        const own = last.findings.filter((one) => one.probe === probe);
        if (own.some((one) => one.state === 'broken')) expect(about(now, probe)?.state).toBe('broken');
        const wasBroken = about(before, probe)?.state === 'broken';
        if (wasBroken && !own.some((one) => one.state === 'holds')) expect(about(now, probe)?.state).toBe('broken');
      }
    }),
  );
});
