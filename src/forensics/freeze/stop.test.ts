import { expect, test } from 'vitest';
import { fakeClock } from '../../../test/support/fake-clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import { stopDead } from './stop.ts';

const inspect = (paused: boolean) =>
  ({ Id: 'a'.repeat(64), Name: '/web', State: { Running: true, Paused: paused, Status: 'running' } }) as ContainerInspect;

/** Answers each pause in turn with what is given; null: it is done. */
function engineOf(...answers: readonly (EngineError | null)[]) {
  let pauses = 0;
  let paused = false;
  const engine = {
    async pause() {
      const answer = answers[Math.min(pauses++, answers.length - 1)] ?? null;
      if (answer !== null) throw answer;
      paused = true;
    },
    inspect: async () => inspect(paused),
  } as unknown as Engine;
  return { engine, pauses: () => pauses };
}

const busy = new EngineError(
  'engine_failed',
  'engine local: cannot pause container web: OCI runtime pause failed: unable to freeze: unknown',
);

/** Lets time pass until it has come to something. */
async function settle<T>(work: Promise<T>, clock: ReturnType<typeof fakeClock>): Promise<T> {
  let over = false;
  const done = () => {
    over = true;
  };
  work.then(done, done);
  while (!over) await clock.advance(50);
  return work;
}

test('a container that is too busy for the freezer is asked again', async () => {
  const clock = fakeClock();
  const { engine, pauses } = engineOf(busy, busy, null);
  expect(await settle(stopDead(engine, inspect(false), clock), clock)).toMatchObject({
    foreign: false,
    inspect: { State: { Paused: true } },
  });
  expect(pauses()).toBe(3);
});

test('one that the freezer never takes is said not to be frozen, in the end', async () => {
  const clock = fakeClock();
  const { engine } = engineOf(busy);
  await expect(settle(stopDead(engine, inspect(false), clock), clock)).rejects.toThrow(
    /^web is not frozen: .*unable to freeze.*; it is running$/,
  );
  expect(clock.monotonic()).toBeLessThan(6_000);
});

test('any other refusal is final', async () => {
  const clock = fakeClock();
  const { engine, pauses } = engineOf(new EngineError('engine_failed', 'engine local: cannot pause container web: not supported'));
  await expect(settle(stopDead(engine, inspect(false), clock), clock)).rejects.toThrow(/not supported; it is running$/);
  expect(pauses()).toBe(1);
});

test('one of which the engine says nothing any more is not said to be running', async () => {
  const clock = fakeClock();
  const lost = new EngineError('engine_timeout', 'engine local: cannot pause container web: no answer within 60 s');
  const engine = { pause: () => Promise.reject(lost), inspect: () => Promise.reject(lost) } as unknown as Engine;
  await expect(settle(stopDead(engine, inspect(false), clock), clock)).rejects.toBe(lost);
});
