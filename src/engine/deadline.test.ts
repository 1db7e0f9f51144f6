import { stat } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type Limits, withDeadline } from './deadline.ts';
import { clock } from './testkit.ts';

const limits = (given: Partial<Limits> = {}): Limits => ({ clock, timeoutMs: 20, late: (ms) => new Error(`late by ${ms}`), ...given });
const never = () => new Promise<never>(() => undefined);

/** Nothing of this process goes on meanwhile, as on a machine that has no time for it. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('what does not come in time is late', async () => {
  await expect(withDeadline(limits(), never)).rejects.toThrow('late by 20');
});

test('an answer that came while this process stood still is no late one', async () => {
  // from here the timers come before the answers
  await nextTurn();
  const answer = withDeadline(limits(), () => new Promise((resolve) => stat('/', () => resolve('there'))));
  standStill(200);
  expect(await answer).toBe('there');
});

test('as many calls as you like may wait on one signal', async () => {
  const warnings: string[] = [];
  const warned = (warning: Error) => void warnings.push(warning.message);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  const stop = new AbortController();
  const calls = Array.from({ length: 30 }, () => withDeadline(limits({ timeoutMs: 60_000, signal: stop.signal }), never));
  await nextTurn();
  stop.abort(new Error('halted'));
  for (const call of calls) await expect(call).rejects.toThrow('halted');
  expect(warnings).toEqual([]);
});
