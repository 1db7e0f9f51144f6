import { describe, expect, it } from 'vitest';
import type { CurvePlan, CurveTrack } from '../domain/curve.ts';
import { curveChart } from './curve-chart.tsx';
import { curveSegments } from './curve-lane.ts';
import { active, boxesOf, drawn } from './fixtures/drawn.ts';

const attempts = { accepted: 30, refused: 70, closed: 0, unknown: 0 };
const old: CurveTrack = {
  point: 'db:5432 (shop-db-1)',
  from: 'shop-api-1',
  credential: 'old',
  mode: 'login',
  changes: [
    { at: -1_000, answer: 'accepted', code: null },
    { at: 2_000, answer: 'refused', code: '28P01' },
  ],
  attempts,
};

function plan(change: Partial<CurvePlan> = {}): CurvePlan {
  return {
    plan: 'leak',
    credential: 'canary',
    probeEveryMs: 50,
    uncertaintyMs: 2,
    from: -1_000,
    to: 9_000,
    phases: [],
    tracks: [old],
    consumers: [],
    ...change,
  };
}

describe('the curve', () => {
  it('calls an old secret that is let in right before the leak, and wrong after it', () => {
    expect(curveSegments(old, 9_000)).toEqual([
      { answer: 'accepted', meaning: 'before', from: -1_000, to: 0, codes: [] },
      { answer: 'accepted', meaning: 'bad', from: 0, to: 2_000, codes: [] },
      { answer: 'refused', meaning: 'good', from: 2_000, to: 9_000, codes: ['28P01'] },
    ]);
  });

  it('calls a new secret that is refused wrong, and no answer unknown, never good', () => {
    const changes: CurveTrack['changes'] = [
      { at: 10, answer: 'refused', code: 'a' },
      { at: 20, answer: 'refused', code: 'b' },
      { at: 30, answer: 'unknown', code: 'ECONNRESET' },
      { at: 40, answer: 'accepted', code: null },
    ];
    const segments = curveSegments({ changes, credential: 'new' }, 50);
    expect(segments.map(({ meaning, from, to }) => [meaning, from, to])).toEqual([
      ['bad', 10, 30],
      ['unknown', 30, 40],
      ['good', 40, 50],
    ]);
    expect(segments[0]?.codes).toEqual(['a', 'b']);
  });

  it('puts the leak and the refusal where they were', () => {
    // what is shown ends at 1.3 times the last change: 2.6 s, and begins a quarter of that before the leak
    const page = drawn(curveChart(plan()));
    const [zero] = page.all('chart-zero');
    expect(Number(zero?.attributes.x1)).toBeCloseTo((650 / 3_250) * 720, 0);
    const [bad] = page.all('seg-bad').flatMap(boxesOf);
    expect(bad?.x).toBeCloseTo(144, 0);
    expect(bad?.width).toBeCloseTo((2_000 / 3_250) * 720, 0);
    expect(page.text()).toContain('old login at db:5432 (shop-db-1) from shop-api-1: refused from 2 s on, 100 attempts');
    expect(page.all('seg-stroke')).toHaveLength(1);
  });

  it('shows a consumer’s outage of a moment, and one that has not ended', () => {
    const outages = [
      { from: 500, to: 501 },
      { from: 2_000, to: null },
    ];
    const page = drawn(curveChart(plan({ consumers: [{ service: 'web', requests: 100, failed: 9, outages }], tracks: [] })));
    const boxes = page.all('seg-bad').flatMap(boxesOf);
    expect(boxes).toHaveLength(2);
    expect(boxes[0]?.width).toBe(2);
    expect((boxes[1]?.x ?? 0) + (boxes[1]?.width ?? 0)).toBeCloseTo(720, 0);
    expect(page.text()).toContain('web: 9 of 100 requests failed');
    expect(page.text()).toContain('not ended');
  });

  it('stays small when an answer flaps ten thousand times, and hides none of what was wrong', () => {
    const changes = Array.from({ length: 10_000 }, (_, i) => ({
      at: i,
      answer: i === 5_000 ? ('accepted' as const) : i % 2 === 0 ? ('refused' as const) : ('closed' as const),
      code: null,
    }));
    const page = drawn(curveChart(plan({ tracks: [{ ...old, changes }], to: 10_000 })));
    expect(page.html.length).toBeLessThan(150_000);
    expect(page.all('seg-bad').flatMap(boxesOf)).toHaveLength(1);
    expect(page.text()).toContain('and 9700 more');
  });

  it.each([
    ['no tracks at all', plan({ tracks: [], from: 0, to: 0 })],
    ['a track that was never tried', plan({ tracks: [{ ...old, changes: [] }] })],
    ['one answer', plan({ tracks: [{ ...old, changes: [{ at: 0, answer: 'accepted', code: null }] }], from: 0, to: 0 })],
  ])('draws %s without a NaN', (_, one) => {
    expect(drawn(curveChart(one)).html).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('shows what systems say inert', () => {
    const code = '</title><script>alert(1)</script>\u001b[2J\u2066';
    const page = drawn(curveChart(plan({ tracks: [{ ...old, point: code, changes: [{ at: 1, answer: 'refused', code }] }] })));
    expect(page.html).not.toMatch(active);
  });
});
