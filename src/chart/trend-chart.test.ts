import { describe, expect, it } from 'vitest';
import { drawn } from './fixtures/drawn.ts';
import { type TrendPoint, trendChart } from './trend-chart.tsx';

const day = 86_400_000;
const begin = Date.UTC(2026, 0, 1);

function points(values: readonly number[], max: number): TrendPoint[] {
  return values.map((value, i) => ({ at: begin + i * day, value, met: value <= max }));
}

function chart(all: readonly TrendPoint[], max: number | null = 1_000) {
  return drawn(trendChart({ name: 'time_to_healthy', unit: 'ms', objective: max === null ? null : { max }, points: all }));
}

describe('the trend', () => {
  it('puts a value at its height against its objective', () => {
    const page = chart(points([0, 500, 2_000], 1_000));
    // the foot is 0 at 150, the head 2 s at 24
    const [line] = page.all('trend-line');
    expect(line?.attributes.d).toBe('M8,150L360,118.5L712,24');
    expect(page.all('trend-objective')[0]?.children[0]?.attributes.y1).toBe('87');
  });

  it('marks the best, and tells what missed by its shape', () => {
    const page = chart(points([700, 300, 1_500], 1_000));
    expect(page.text(page.all('trend-best')[0])).toContain('best');
    expect(page.text()).toContain('3 values against ≤ 1 s, which 1 missed. Last 1.5 s on 2026-01-03, best 300 ms on 2026-01-02.');
    expect(
      page
        .all('trend-miss')
        .filter(({ name }) => name === 'path')[0]
        ?.attributes.d?.split('M'),
    ).toHaveLength(2);
    expect(page.all('trend-dot').filter(({ name }) => name === 'circle')).toHaveLength(2);
  });

  it('draws what nobody judged neither as met nor as missed', () => {
    const page = chart([{ at: begin, value: 700, met: null }, ...points([300, 1_500], 1_000).map((one) => ({ ...one, at: one.at + day }))]);
    expect(page.all('trend-dot').filter(({ name }) => name === 'circle')).toHaveLength(1);
    const paths = (name: string) =>
      page
        .all(name)
        .filter((one) => one.name === 'path')
        .map(({ attributes }) => attributes.d?.split('M').length);
    expect([paths('trend-miss'), paths('trend-unjudged')]).toEqual([[2], [2]]);
    expect(page.text()).toContain('which 1 missed; 1 not judged.');
    expect(page.text()).toContain('◇ not judged');
  });

  it('takes the highest for the best where at least something is asked for', () => {
    const all = [0.5, 0.99, 0.8].map((value, i) => ({ at: begin + i * day, value, met: value >= 0.9 }));
    const page = drawn(trendChart({ name: 'coverage', unit: 'ratio', objective: { min: 0.9 }, points: all }));
    expect(page.text()).toContain('best 99% on 2026-01-02');
    expect(page.text()).toContain('≥ 90%');
  });

  it('keeps one miss among 100,000 values, and stays small', () => {
    const all = Array.from({ length: 100_000 }, (_, i) => ({ at: begin + i * 1_000, value: i === 4_321 ? 5_000 : 100, met: i !== 4_321 }));
    const page = chart(all);
    expect(page.all('trend-miss').filter(({ name }) => name === 'path')).toHaveLength(1);
    expect(page.html.length).toBeLessThan(40_000);
  });

  it.each([
    ['nothing', [], 1_000],
    ['nothing, without an objective', [], null],
    ['one value', points([5], 10), 10],
    ['values that are all the same', points([0, 0, 0], 0), 0],
    ['values of one instant', [...points([5], 10), ...points([7], 10)], 10],
    ['a value that is no number', points([Number.NaN, 3], 10), 10],
  ])('draws %s without a NaN', (_, all, max) => {
    expect(chart(all, max).html).not.toMatch(/NaN|Infinity|undefined/);
  });
});
