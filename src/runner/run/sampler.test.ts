import { expect, test } from 'vitest';
import { fakeClock } from '../../../test/support/fake-clock.ts';
import type { Check, CheckResult } from '../../checks/check.ts';
import { failedWithin, type Sample, startSampler } from './sampler.ts';

const sample = (asked: number, ok: boolean): Sample => ({ check: 'web', at: 0, asked, ok, latencyMs: 1, error: null });
const check = (ask: () => Promise<CheckResult>, everyMs = 100): Check => ({
  spec: { type: 'http', name: 'web', url: 'http://127.0.0.1/', status: 200, from: null, everyMs, timeoutMs: 1_000, minAvailability: null },
  oneAtATime: false,
  ask,
  close: async () => undefined,
});
const good = { ok: true, latencyMs: 1, error: null };

test('a failed answer stands until the next question, and only what lies within counts', () => {
  const samples = [sample(0, true), sample(100, false), sample(200, false), sample(300, true)];
  expect(failedWithin(samples, 0, 1_000)).toBe(200);
  expect(failedWithin(samples, 150, 250)).toBe(100);
  expect(failedWithin(samples, 300, 1_000)).toBe(0);
});

test('asks on a grid, also while answers are late: an outage is not hidden by the requests that hang in it', async () => {
  const clock = fakeClock();
  let asked = 0;
  const late: ((result: CheckResult) => void)[] = [];
  const hanging = check(() => {
    asked++;
    return new Promise((resolve) => late.push(resolve));
  });
  const sampler = startSampler([hanging], { clock, onSample: () => undefined, onFailure: () => undefined });
  await clock.advance(950);
  expect(asked).toBe(10);
  for (const answer of late) answer({ ok: false, latencyMs: 900, error: 'timed out' });
  await clock.advance(0);
  expect(sampler.availability(0)).toBe(0);
  const stopping = sampler.stop();
  await clock.advance(100);
  await stopping;
});

test('without a check that makes requests nobody can say how long they failed', async () => {
  const clock = fakeClock();
  const sampler = startSampler([], { clock, onSample: () => undefined, onFailure: () => undefined });
  expect(await sampler.failedMs(0, 1_000)).toBeNull();
  expect(sampler.availability(0)).toBeNull();
});

test('samples are in the order of asking, whatever the order of answers', async () => {
  const clock = fakeClock();
  const answers: ((result: CheckResult) => void)[] = [];
  const sampler = startSampler([check(() => new Promise((resolve) => answers.push(resolve)))], {
    clock,
    onSample: () => undefined,
    onFailure: () => undefined,
  });
  await clock.advance(250);
  answers[2]?.(good);
  answers[0]?.(good);
  answers[1]?.({ ...good, ok: false });
  await clock.advance(0);
  expect(sampler.samples('web').map((one) => one.ok)).toEqual([true, false, true]);
  expect(await sampler.failedMs(0, 250)).toBe(100);
  const stopping = sampler.stop();
  await clock.advance(100);
  await stopping;
});

test('what cannot be written ends the sampling and is told, once, and not as an unhandled rejection', async () => {
  const clock = fakeClock();
  const told: unknown[] = [];
  const full = new Error('disk full');
  const sampler = startSampler([check(async () => good)], {
    clock,
    onSample() {
      throw full;
    },
    onFailure: (error) => told.push(error),
  });
  await clock.advance(500);
  await sampler.stop();
  expect(told).toEqual([full]);
});

test('after a stall the missed ticks are not made up for in a burst', async () => {
  const clock = fakeClock();
  let asked = 0;
  const late = async () => {
    asked++;
    await clock.sleep(1_000);
    return good;
  };
  const slow = { ...check(async () => good), oneAtATime: true, ask: late };
  const sampler = startSampler([slow], { clock, onSample: () => undefined, onFailure: () => undefined });
  await clock.advance(5_000);
  expect(asked).toBeLessThanOrEqual(6);
  const stopping = sampler.stop();
  await clock.advance(2_000);
  await stopping;
});
