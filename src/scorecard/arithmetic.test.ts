import { describe, expect, test } from 'vitest';
import { day, everything, input, now, proof, timed } from '../../test/scorecard/proofs.ts';
import type { Proof } from '../domain/proof.ts';
import { drillKinds } from '../domain/words.ts';
import { scorecardOf, scorecardWithItems } from './compute.ts';
import { upperTail } from './normal.ts';
import { percentile95, timedShare } from './timed.ts';

function only(one: Proof, cadences = new Map<string, number>()) {
  const [item] = scorecardWithItems(input([one], { cadences })).items;
  if (item === undefined) throw new Error('there is no item');
  return item;
}

function area(name: string, proofs: readonly Proof[]) {
  const found = scorecardOf(input(proofs)).areas.find((one) => one.area === name);
  if (found === undefined) throw new Error(`there is no area ${name}`);
  return found;
}

test('the normal distribution agrees with tables to 14 digits', () => {
  // from the C library's erfc, by Python 3's math module
  for (const [z, tail] of [
    [-3, 0.9986501019683699],
    [-1, 0.8413447460685429],
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [1.5, 0.06680720126885809],
    [2.5, 0.006209665325776139],
    [3.5355, 0.0002035021225950715],
    [3.6, 0.000159108590157534],
    [5, 2.866515718791946e-7],
    [8, 6.220960574271819e-16],
  ] as const) {
    expect(Math.abs(upperTail(z) / tail - 1)).toBeLessThan(5e-13);
  }
});

describe('a time against its objective', () => {
  test('is 0.9 at the objective, 0.5 at three times it, and falls all the way', () => {
    expect(timedShare(5_000, 5_000)).toBeCloseTo(0.9, 12);
    expect(timedShare(15_000, 5_000)).toBeCloseTo(0.5, 12);
    expect(timedShare(0, 5_000)).toBe(1);
    expect(timedShare(50, 5_000)).toBeGreaterThan(0.999);
    expect(timedShare(500_000, 5_000)).toBeLessThan(0.001);
  });

  test('of the last five runs the nearest-rank 95th percentile counts: the worst', () => {
    expect(percentile95([])).toBeNull();
    expect(percentile95([3, 9, 1])).toBe(9);
    expect(percentile95(Array.from({ length: 40 }, (_, i) => i + 1))).toBe(38);
    expect(only(timed('time_to_freeze', 5_000, [100, 15_000, 100, 100, 100])).s).toBe(0.5);
  });

  test('what is no time is met or missed; what is not known is neither', () => {
    const recent = [{ runId: 'r', at: now, value: 3, met: true }];
    const count = { type: 'objective', item: 'missed', unit: 'count', objective: { max: 0 }, recent } as const;
    expect(only(proof(count))).toMatchObject({ s: 1, c: 1 });
    expect(only(proof({ ...count, state: 'broken' }))).toMatchObject({ s: 0, c: 1 });
    expect(only(proof({ ...count, recent: [{ runId: 'r', at: now, value: 3, met: null }] }))).toMatchObject({
      state: 'inconclusive',
      s: 0,
      c: 0,
    });
    expect(only(timed('time_to_freeze', 5_000, [100], { state: 'inconclusive' }))).toMatchObject({ s: 0, c: 0 });
  });
});

describe('freshness', () => {
  const held = (days: number, change: Partial<Proof> = {}) => proof({ at: now - days * day, ...change });

  test('is whole for a cadence, halves with each further one, and is gone after four', () => {
    const f = (days: number) => only(held(days)).f;
    expect([f(0), f(7), f(14), f(21)]).toEqual([1, 1, 0.5, 0.25]);
    expect(f(27.999)).toBeGreaterThan(0.125);
    expect(only(held(28))).toMatchObject({ f: 0, c: 0, expired: true });
  });

  test('goes by the schedule of the drill, within a day and the most of its kind', () => {
    const cadence = (every: number) => only(held(0), new Map([['sandbox-shop', every]])).cadence / day;
    expect([cadence(60_000), cadence(3 * day), cadence(400 * day)]).toEqual([1, 3, 30]);
    expect(only(held(0, { drill: '', kind: 'forensic-freeze' }))).toMatchObject({
      drill: null,
      cadence: 90 * day,
      expiresAt: now + 360 * day,
    });
  });

  test('is whole for what came out of a clock that is up to an hour ahead of ours, and nothing beyond', () => {
    expect(only(held(-1 / 24))).toMatchObject({ state: 'holds', f: 1, c: 1 });
    expect(only(held(-1.001 / 24))).toMatchObject({ state: 'inconclusive', s: 0, f: 0, c: 0 });
    expect(only(held(-3, { state: 'broken' }))).toMatchObject({ state: 'broken', s: 0, c: 1 });
  });

  test('what is broken never expires: it counts, and stays known', () => {
    const old = held(300, { state: 'broken' });
    expect(only(old)).toMatchObject({ s: 0, c: 1, expired: false });
    expect(area('sandbox', [old, proof({ item: 'PRV-02' })])).toMatchObject({ proven: 0.5, coverage: 1 });
  });
});

describe('an area', () => {
  test('is the mean of its proofs by their severity', () => {
    const proofs = [
      proof({ item: 'a', severity: 'critical' }),
      proof({ item: 'b', severity: 'high', state: 'broken' }),
      proof({ item: 'c', severity: 'medium', state: 'inconclusive' }),
      proof({ item: 'd', severity: 'low', at: now - 14 * day }),
    ];
    expect(area('sandbox', proofs)).toMatchObject({
      proven: 0.45, // (10 + 1.25) / 25
      coverage: 0.75, // (10 + 7.5 + 1.25) / 25
      counts: { holds: 2, broken: 1, inconclusive: 1, expired: 0, waived: 0 },
    });
  });

  test('of two kinds is not whole with one of them', () => {
    const rotation = proof({ kind: 'secret-rotation', severity: 'critical' });
    const anchor = proof({ kind: 'crypto-anchor', severity: 'low', item: 'CA-1' });
    expect(area('secrets', [rotation])).toMatchObject({ proven: 0.5, coverage: 0.5 });
    expect(area('secrets', [rotation, anchor])).toMatchObject({ proven: 1, coverage: 1 });
    expect(area('secrets', [rotation, { ...anchor, state: 'broken' }])).toMatchObject({ proven: 0.444444, coverage: 1 });
  });

  test('is left out, and named, where this Pitwall lacks its kinds; kinds that the rubric does not know are ignored', () => {
    const kinds = drillKinds.filter((kind) => kind !== 'detection' && kind !== 'crypto-anchor');
    const card = scorecardOf(input([...everything(), proof({ kind: 'scaling', state: 'broken' })], { kinds: [...kinds, 'scaling'] }));
    expect(card).toMatchObject({ proven: 1, coverage: 1, grade: 'A+', lacking: ['crypto-anchor', 'detection'] });
    expect(card.areas.map((one) => one.area)).not.toContain('detection');
    expect(card.areas.find((one) => one.area === 'secrets')?.kinds).toEqual(['secret-rotation']);
  });
});
