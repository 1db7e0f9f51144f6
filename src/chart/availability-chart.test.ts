import { describe, expect, it } from 'vitest';
import { availabilityChart } from './availability-chart.tsx';
import { active, boxesOf, drawn } from './fixtures/drawn.ts';
import { type CheckSample, checkLanes } from './lanes.ts';
import { chartWidth } from './time-scale.ts';

/** One answer each `every` ms, of which those whose index `fails` says failed. */
function series(count: number, every: number, fails: (index: number) => boolean, check = 'shop answers'): CheckSample[] {
  return Array.from({ length: count }, (_, i) => ({
    check,
    offsetMs: i * every,
    ok: !fails(i),
    latencyMs: 5 + (i % 7),
    error: fails(i) ? 'HTTP 503' : null,
  }));
}

function chart(samples: readonly CheckSample[], durationMs: number, phases: Parameters<typeof availabilityChart>[0]['phases'] = []) {
  return drawn(availabilityChart({ lanes: checkLanes(samples, durationMs), phases, durationMs }));
}

const failed = (page: ReturnType<typeof drawn>) => page.all('seg-bad').flatMap(boxesOf);

describe('the availability chart', () => {
  it('draws an outage where it was, as long as it was', () => {
    // 72 s at 100 ms: a sample is a pixel wide; out from 36 s to 43.2 s
    const page = chart(
      series(720, 100, (i) => i >= 360 && i < 432),
      72_000,
    );
    expect(failed(page)).toEqual([{ x: 360, y: 24, width: 72, height: 40 }]);
    expect(page.text()).toContain('90% of 720 held, longest outage 7.2 s');
    expect(page.text()).toContain('failed for 7.2 s: HTTP 503');
  });

  it('shows one failure among 100,000 answers', () => {
    const page = chart(
      series(100_000, 10, (i) => i === 50_000),
      1_000_000,
    );
    const [one, ...others] = failed(page);
    expect(others).toEqual([]);
    expect(one?.x).toBeCloseTo(360, 0);
    expect(one?.width).toBeGreaterThanOrEqual(2);
    expect(page.text()).toContain('99.99% of 100000 held, longest outage 10 ms');
    expect(page.html.length).toBeLessThan(60_000);
  });

  it('shows a failure in the last answer, and one in the only answer', () => {
    const last = failed(
      chart(
        series(1_000, 10, (i) => i === 999),
        9_990,
      ),
    );
    expect(last).toHaveLength(1);
    expect((last[0]?.x ?? 0) + (last[0]?.width ?? 0)).toBeLessThanOrEqual(chartWidth);
    expect(
      failed(
        chart(
          series(1, 10, () => true),
          0,
        ),
      ),
    ).toHaveLength(1);
  });

  it('fills all of it when all failed', () => {
    const page = chart(
      series(5_000, 10, () => true),
      50_000,
    );
    expect(failed(page)).toEqual([{ x: 0, y: 24, width: chartWidth, height: 40 }]);
    expect(page.all('seg-ok').flatMap(boxesOf)).toEqual([]);
    expect(page.text()).toContain('0% of 5000 held');
  });

  it('never takes for good what was not asked', () => {
    const samples = series(200, 100, () => false).filter(({ offsetMs }) => offsetMs < 5_000 || offsetMs >= 15_000);
    const page = chart(samples, 20_000);
    const [gap] = page.all('seg-unknown').flatMap(boxesOf);
    expect(gap?.x).toBeCloseTo(180, -1);
    expect(gap?.width).toBeCloseTo(360, -1);
    const good = page.all('seg-ok').flatMap(boxesOf);
    expect(good).toHaveLength(2);
    expect(page.text()).toContain('not asked for 10 s');
  });

  it('holds a failure through a time in which nothing was asked', () => {
    const samples = series(200, 100, (i) => i === 49).filter(({ offsetMs }) => offsetMs < 5_000 || offsetMs >= 15_000);
    const [outage] = failed(chart(samples, 20_000));
    expect(outage?.width).toBeGreaterThan(355);
  });

  it('draws a phase from its beginning to its end behind every lane', () => {
    const samples = [...series(100, 100, () => false, 'a'), ...series(100, 100, () => false, 'b')];
    const page = chart(samples, 10_000, [
      { name: 'recreate shop-web-1', from: 2_500, to: 5_000 },
      { name: 'goes on', from: 7_500, to: null },
    ]);
    expect(page.all('chart-band').map(({ attributes }) => [attributes.x, attributes.width])).toEqual([
      ['180', '180'],
      ['540', '180'],
    ]);
    expect(page.text()).toContain('recreate shop-web-1: 2.5 s to 5 s');
    expect(page.text()).toContain('goes on: 7.5 s to now');
  });

  it.each([
    ['nothing', [], 0],
    ['nothing in a run that took its time', [], 60_000],
    ['one answer', series(1, 1, () => false), 0],
    ['two answers at once', series(2, 0, (i) => i === 1), 10],
    ['a latency that is not known', [{ check: 'a', offsetMs: 1, ok: true, latencyMs: null, error: null }], 10],
    ['an instant that is no number', [{ check: 'a', offsetMs: Number.NaN, ok: true, latencyMs: 1, error: null }], 10],
  ])('draws %s without a NaN', (_, samples, durationMs) => {
    const page = chart(samples, durationMs, [{ name: 'p', from: 0, to: null }]);
    expect(page.html).not.toMatch(/NaN|Infinity|undefined/);
    expect(page.named('title')[0]?.text).toBe('Availability of the steady state');
    expect(page.named('svg')[0]?.attributes.role).toBe('img');
  });

  it('shows names inert, and has no style of its own', () => {
    const evil = '<img src=x onerror=alert(1)>\u001b[31m\u202eevil';
    const page = chart(
      series(10, 10, () => false, evil),
      100,
      [{ name: evil, from: 0, to: 10 }],
    );
    expect(page.html).not.toMatch(active);
    expect(page.text()).toContain('<img src=x onerror=alert(1)>␛[31m‹U+202E›');
  });
});
