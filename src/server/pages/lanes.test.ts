import { expect, test } from 'vitest';
import { rememberedLanes } from './lanes.ts';

/** A store whose reads take so long, by a clock that moves with them alone. */
function lab(readMs: number) {
  let now = 0;
  let reads = 0;
  const samples = {
    list: (runId: string) => {
      reads += 1;
      now += readMs;
      return [{ runId, check: 'shop answers', at: 0, offsetMs: 0, ok: true, latencyMs: 1, error: null }];
    },
  };
  const lanesOf = rememberedLanes({ store: { samples }, clock: { monotonic: () => now } });
  const read = (endedAt: string | null = null) => {
    const before = reads;
    lanesOf({ id: 'run', startedAt: '2026-01-01T00:00:00Z', endedAt, durationMs: endedAt === null ? null : 5 }, 0);
    return reads > before;
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { read, pass };
}

test('of a run that goes on they are a second old at most, and once for all who ask meanwhile', () => {
  const { read, pass } = lab(2);
  expect([read(), read()]).toEqual([true, false]);
  pass(999);
  expect(read()).toBe(false);
  pass(1);
  expect(read()).toBe(true);
});

test('what takes long to read is read for a twentieth of the time at most', () => {
  const { read, pass } = lab(300);
  expect(read()).toBe(true);
  pass(5_999);
  expect(read()).toBe(false);
  pass(1);
  expect(read()).toBe(true);
});

test('of a run that has ended they are made once', () => {
  const { read, pass } = lab(300);
  expect([read(), read('2026-01-01T00:00:05Z')]).toEqual([true, true]);
  pass(1e9);
  expect(read('2026-01-01T00:00:05Z')).toBe(false);
});
