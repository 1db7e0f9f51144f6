import { describe, expect, test } from 'vitest';
import { day, dayText, everything, input, now, proof } from '../../test/scorecard/proofs.ts';
import { catalogue } from '../probes/catalogue.ts';
import { scorecardOf } from './compute.ts';
import { rubric } from './rubric.ts';

const many = Array.from({ length: 40 }, (_, i) => proof({ item: `H-${i}`, severity: 'critical', subject: 'api' }));
const good = [...everything(), ...many];

function graded(proofs: Parameters<typeof input>[0], change = {}) {
  const { grade, unaged, caps, proven } = scorecardOf(input(proofs, change));
  return { grade, unaged, caps: caps.map(({ rule, atMost }) => `${rule} ${atMost}`), because: caps.map(({ because }) => because), proven };
}

test('nothing at all is an F, and says what was never practised', () => {
  const { grade, proven } = graded([]);
  expect({ grade, proven }).toEqual({ grade: 'F', proven: 0 });
});

describe('A+', () => {
  test('is for what is whole, fresh, unwaived and unbroken', () => {
    expect(graded(good)).toMatchObject({ grade: 'A+', caps: [] });
  });

  test('is lost by the first day after a cadence, by one small hole, by a waiver, and by a kind that is missing', () => {
    const small = proof({ item: 'X', severity: 'low', state: 'broken' });
    expect(graded([...good, proof({ item: 'X', severity: 'low', at: now - 7.1 * day })]).grade).toBe('A');
    expect(graded([...good, { ...small, subject: 'api' }]).grade).toBe('A');
    expect(graded([...good, { ...small, waivedUntil: dayText(now) }]).grade).toBe('A*');
    expect(graded([...everything({ severity: 'low' }), ...many].filter(({ kind }) => kind !== 'crypto-anchor')).grade).toBe('B');
  });
});

describe('caps', () => {
  const hole = (item: string, severity: 'critical' | 'high') => proof({ item, severity, state: 'broken' });

  test('an open door to the host is an F, whatever else holds', () => {
    for (const { item } of rubric.doors) {
      expect(graded([...good, hole(item, 'critical')])).toMatchObject({ grade: 'F', caps: ['door-to-the-host F', 'critical-broken C'] });
    }
    // the same id of another kind of drill is another question
    expect(graded([...good, { ...hole('FS-03', 'high'), kind: 'detection' }]).caps).not.toContain('door-to-the-host F');
  });

  test('the doors are probes of the catalogue, and called what they are called there', () => {
    for (const { item, title } of rubric.doors)
      expect(catalogue.find(({ id }) => id === item)).toMatchObject({ title, severity: 'critical' });
  });

  test('a critical hole is at most a C, and says which', () => {
    const found = graded([...good, hole('FS-05', 'critical')]);
    expect(found).toMatchObject({ grade: 'C', caps: ['critical-broken C'], because: ['critical and broken: FS-05 what holds (web)'] });
    expect(graded([...good, hole('FS-05', 'high')]).grade).toBe('A');
  });

  test('an area at 0 is at most a D', () => {
    const without = good.filter(({ kind }) => kind !== 'lifecycle');
    expect(graded(without)).toMatchObject({
      grade: 'D',
      caps: ['area-at-zero D'],
      because: ['nothing is proven of lifecycle (never practised)'],
    });
  });

  test('an area that would be written as 0 % is at 0', () => {
    const holes = (n: number) => Array.from({ length: n }, (_, i) => proof({ kind: 'lifecycle', item: `h-${i}`, state: 'broken' }));
    const low = good.map((one) => (one.kind === 'lifecycle' ? { ...one, severity: 'low' as const } : one));
    expect(graded([...low, ...holes(66)])).toMatchObject({ grade: 'A', caps: [] });
    expect(graded([...low, ...holes(67)])).toMatchObject({ grade: 'D', caps: ['area-at-zero D'] });
  });

  test('every rule can be what decides: none is always behind another', () => {
    const many = Array.from({ length: 40 }, (_, i) => proof({ kind: 'secret-rotation', item: `H-${i}`, severity: 'critical' }));
    const inconclusive = [...everything({ severity: 'low' }), ...many].map((one) =>
      one.kind === 'crypto-anchor' ? { ...one, state: 'inconclusive' as const } : one,
    );
    const found = [
      [...good, hole('FS-03', 'critical')],
      good.filter(({ kind }) => kind !== 'detection'),
      [...good, hole('FS-05', 'critical')],
      inconclusive,
    ].map((proofs) => scorecardOf(input(proofs)));
    const deciding = found.flatMap(({ grade, caps }) => caps.filter(({ atMost }) => atMost === grade).map(({ rule }) => rule));
    expect(new Set(deciding)).toEqual(new Set(rubric.caps.map(({ rule }) => rule)));
  });

  test('a kind without any proof in force allows no A, be it expired, broken or not known', () => {
    const many = Array.from({ length: 40 }, (_, i) => proof({ kind: 'secret-rotation', item: `H-${i}`, severity: 'critical' }));
    const whole = [...everything({ severity: 'low' }), ...many];
    const anchor = (change: object) => whole.map((one) => (one.kind === 'crypto-anchor' ? { ...one, ...change } : one));
    expect(graded(whole).grade).toBe('A+');
    for (const change of [{ at: now - 360 * day }, { state: 'broken' }, { state: 'inconclusive' }] as const)
      expect(graded(anchor(change))).toMatchObject({ grade: 'B', caps: ['kind-without-proof B'] });
    expect(graded(anchor({ at: now - 360 * day }))).toMatchObject({
      unaged: 'A+',
      because: ['no proof in force: all of crypto-anchor has expired'],
    });
  });

  test('names three, and counts the others', () => {
    const holes = ['a', 'b', 'c', 'd', 'e'].map((item) => hole(item, 'critical'));
    expect(graded([...good, ...holes]).because[0]).toMatch(/^critical and broken: a .*; b .*; c .*; and 2 more$/);
  });
});

describe('a waiver', () => {
  const waived = proof({ item: 'FS-05', severity: 'critical', state: 'broken', waivedUntil: dayText(now) });

  test('leaves it out of both sums, up to the end of its day, and is marked', () => {
    const card = scorecardOf(input([...good, waived]));
    expect(card).toMatchObject({ grade: 'A*', proven: 1, coverage: 1, caps: [] });
    expect(card.waivers).toEqual([
      {
        area: 'sandbox',
        drill: 'sandbox-shop',
        service: 'web',
        item: 'FS-05',
        title: 'what holds',
        severity: 'critical',
        until: '2026-11-22',
      },
    ]);
    expect(card.areas[0]).toMatchObject({ grade: 'A*', counts: { waived: 1, broken: 0 } });
    expect(card.areas[1]?.grade).toBe('A+');
  });

  test('that has run out is broken again', () => {
    expect(graded([...good, waived], { at: Date.UTC(2026, 10, 23), since: now })).toMatchObject({
      grade: 'C',
      caps: ['critical-broken C'],
    });
  });

  test('lasts for ninety days from the run that found it, and a longer one waives nothing', () => {
    const until = (days: number) => ({ ...waived, at: now - day, waivedUntil: dayText(now + days * day) });
    expect(graded([...good, until(88)]).grade).toBe('A*');
    expect(graded([...good, until(90)])).toMatchObject({ grade: 'C', caps: ['critical-broken C'] });
  });

  test('of all that there is leaves an area with nothing proven', () => {
    expect(scorecardOf(input([waived])).areas[0]).toMatchObject({ proven: 0, coverage: 0, lastPractised: '2026-11-22T12:00:00.000Z' });
  });
});

describe('services', () => {
  test('are graded on what was practised on them, covered over everything, and listed from the worst', () => {
    const card = scorecardOf(
      input([
        proof({ subject: 'api', item: 'a' }),
        proof({ subject: 'api', item: 'b', kind: 'lifecycle' }),
        proof({ subject: 'web', item: 'a', severity: 'critical', state: 'broken' }),
        proof({ subject: 'web', item: 'b', severity: 'critical' }),
        proof({ subject: '', item: 'verdict', type: 'verdict', kind: 'segmentation' }),
      ]),
    );
    expect(card.services.map(({ service, grade, proven, coverage }) => ({ service, grade, proven, coverage }))).toEqual([
      { service: 'web', grade: 'D', proven: 0.5, coverage: 0.2 },
      { service: 'api', grade: 'A', proven: 1, coverage: 0.3 },
    ]);
    expect(card.services[0]?.areas.map(({ area }) => area)).toEqual(['sandbox']);
    expect(card.services[0]?.caps).toEqual([]);
  });

  test('have the caps of holes, and of an area at 0 where it was practised', () => {
    const score = (proofs: Parameters<typeof input>[0]) => scorecardOf(input(proofs)).services[0];
    const held = Array.from({ length: 40 }, (_, i) => proof({ item: `H-${i}` }));
    expect(score([...held, proof({ item: 'PRV-07', severity: 'critical', state: 'broken' })])?.grade).toBe('F');
    expect(score([...held, proof({ kind: 'lifecycle', severity: 'low', state: 'broken' })])).toMatchObject({
      grade: 'D',
      caps: [{ rule: 'area-at-zero' }],
    });
  });

  test('a waiver is marked on its service alone, also where it is all that there is of an area', () => {
    const waived = proof({ subject: 'web', kind: 'segmentation', item: 'NET-04', state: 'broken', waivedUntil: dayText(now) });
    const { services } = scorecardOf(input([proof({ subject: 'web' }), proof({ subject: 'api' }), waived]));
    expect(services.map(({ service, grade, proven }) => [service, grade, proven])).toEqual([
      ['api', 'A', 1],
      ['web', 'A*', 1],
    ]);
  });
});
