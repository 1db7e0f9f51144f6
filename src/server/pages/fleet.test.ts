import { expect, test } from 'vitest';
import { systemClock } from '../../clock.ts';
import { EngineError } from '../../domain/errors.ts';
import type { TargetView } from '../../runner/targets/target-view.ts';
import { watchFleet } from './fleet.ts';

const view = { name: 'shop-web-1' } as TargetView;

/** Its monotonic reading is turned by hand. */
function handClock() {
  const clock = { at: 0, now: () => 1_000 + clock.at, monotonic: () => clock.at };
  return clock;
}

test('an engine is asked once by many readers, and again when its answer is old', async () => {
  let asked = 0;
  const clock = handClock();
  const look = watchFleet([{ engine: 'local', targets: async () => [{ ...view, id: String(++asked) }] }], clock);
  const answers = await Promise.all([look(), look(), look()]);
  expect([asked, answers.map(([one]) => one?.views?.length)]).toEqual([1, [1, 1, 1]]);
  await look();
  expect(asked).toBe(1);
  clock.at = 2_001;
  expect(await look()).toMatchObject([{ views: [{ id: '2' }], at: 3_001, problem: null }]);
});

test('one that does not answer keeps nobody waiting for long, and is not asked a second time meanwhile', async () => {
  let asked = 0;
  const never = { engine: 'far', targets: () => new Promise<never>(() => void asked++) };
  const look = watchFleet([{ engine: 'local', targets: async () => [view] }, never], systemClock, { patienceMs: 20 });
  const expected = [
    { engine: 'local', views: [view], problem: null },
    { engine: 'far', views: null, at: null, problem: 'engine far has not answered yet' },
  ];
  expect(await look()).toMatchObject(expected);
  expect(await look()).toMatchObject(expected);
  expect(asked).toBe(1);
});

test('what it said last stays, with the reason why it is not new', async () => {
  const clock = handClock();
  let broken = false;
  const targets = async () => {
    if (broken) throw new EngineError('engine_unreachable', 'engine local: connection refused');
    return [view];
  };
  const look = watchFleet([{ engine: 'local', targets }], clock);
  await look();
  broken = true;
  clock.at = 5_000;
  expect(await look()).toEqual([{ engine: 'local', views: [view], at: 1_000, problem: 'engine local: connection refused' }]);
  broken = false;
  clock.at = 8_000;
  expect(await look()).toMatchObject([{ at: 9_000, problem: null }]);
});
