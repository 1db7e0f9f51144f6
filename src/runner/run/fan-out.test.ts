import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fakeClock } from '../../../test/support/fake-clock.ts';
import { target } from '../../../test/support/targets.ts';
import type { WorkUnit } from '../../domain/kind.ts';
import { type FanOut, fanOut } from './fan-out.ts';

const unit = (name: string): WorkUnit => ({ targets: [target(name)], actions: [] });
const options = (units: readonly WorkUnit[], over: Partial<FanOut> = {}): FanOut => ({
  units,
  parallel: 1,
  clock: fakeClock(),
  signal: new AbortController().signal,
  gate: async () => 'go',
  ...over,
});

test('takes every unit once, never more than `parallel` at a time, in their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 5 }), async (count, parallel) => {
      const units = Array.from({ length: count }, (_, i) => unit(`c${i}`));
      const started: string[] = [];
      let atOnce = 0;
      let most = 0;
      const left = await fanOut(
        async ({ targets }) => {
          started.push(targets[0]?.name ?? '');
          most = Math.max(most, ++atOnce);
          await new Promise((resolve) => setImmediate(resolve));
          atOnce--;
        },
        options(units, { parallel }),
      );
      expect(started).toEqual(units.map(({ targets }) => targets[0]?.name));
      expect(most).toBeLessThanOrEqual(parallel);
      expect(left.notTaken).toEqual([]);
    }),
  );
});

test('after the first failure no unit is taken, those under way end, and the caller gets the failure and the rest', async () => {
  const done: string[] = [];
  const work = async ({ targets }: WorkUnit) => {
    const name = targets[0]?.name ?? '';
    if (name === 'b') throw new Error('b broke');
    await new Promise((resolve) => setTimeout(resolve, 5));
    done.push(name);
  };
  const left = await fanOut(work, options(['a', 'b', 'c', 'd'].map(unit), { parallel: 2 }));
  expect(done).toEqual(['a']);
  expect(left.failures).toEqual([new Error('b broke')]);
  expect(left.notTaken.length).toBe(2);
  expect(left.reason).toBe('an earlier one failed: b broke');
});

test('a gate that waits is asked again; one that stops leaves the rest, with the reason', async () => {
  const clock = fakeClock();
  let asked = 0;
  const gate: FanOut['gate'] = async () => (++asked < 3 ? 'wait' : asked === 3 ? 'go' : { stop: 'the window has ended' });
  const running = fanOut(async () => undefined, options(['a', 'b'].map(unit), { clock, gate }));
  await clock.advance(5_000);
  const left = await running;
  expect(left.notTaken.map(({ targets }) => targets[0]?.name)).toEqual(['b']);
  expect(left.reason).toBe('the window has ended');
});

test('two workers never pass the gate on the same state', async () => {
  let inside = 0;
  const gate: FanOut['gate'] = async (_unit, inFlight) => {
    expect(++inside).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
    return inFlight.size < 1 ? 'go' : 'wait';
  };
  let atOnce = 0;
  const work = async () => {
    expect(++atOnce).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    atOnce--;
  };
  const clock = { ...fakeClock(), sleep: async () => void (await new Promise((resolve) => setImmediate(resolve))) };
  await fanOut(work, options(['a', 'b', 'c'].map(unit), { parallel: 3, gate, clock }));
});

test('an abort takes no new unit', async () => {
  const controller = new AbortController();
  const done: string[] = [];
  const left = await fanOut(
    async ({ targets }) => {
      done.push(targets[0]?.name ?? '');
      controller.abort(new Error('halted by ops'));
    },
    options(['a', 'b'].map(unit), { signal: controller.signal }),
  );
  expect(done).toEqual(['a']);
  expect(left.reason).toBe('halted by ops');
});
