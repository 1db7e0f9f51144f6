import { expect, test } from 'vitest';
import { fakeClock } from '../../../test/support/fake-clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { EngineEvent } from '../../domain/engine/events.ts';
import type { Witness } from './witness.ts';
import { witnessed } from './witnessed.ts';

const id = 'a'.repeat(64);
const event = (action: string, atMs: number): EngineEvent => ({
  type: 'container',
  action,
  id,
  attributes: {},
  timeNano: BigInt(atMs) * 1000000n,
});
const one = (at: number, foreign = false) => ({
  before: { Id: id } as ContainerInspect,
  stopped: { foreign, at, verifiedAt: 0, inspect: { Id: id } as ContainerInspect },
});
const witness = (events: readonly EngineEvent[], blind = false): Witness => ({
  eventsOf: () => events,
  blind,
  stop: async () => undefined,
});

/** Lets time pass until it has come to something. */
async function told(by: Witness, frozen: ReturnType<typeof one>) {
  const clock = fakeClock(1_000);
  let answer: Awaited<ReturnType<typeof witnessed>> | null = null;
  void witnessed(by, frozen, clock).then((came) => {
    answer = came;
  });
  while (answer === null) await clock.advance(100);
  return answer as Awaited<ReturnType<typeof witnessed>>;
}

test('the events begin with the last pause before it was read back', async () => {
  const { events, watched } = await told(witness([event('pause', 1), event('unpause', 2), event('pause', 3), event('commit', 4)]), one(5));
  expect([events.map(({ action }) => action), watched]).toEqual([['pause', 'commit'], true]);
});

test('somebody who thaws it and freezes it again is seen', async () => {
  const { events } = await told(witness([event('pause', 3), event('unpause', 6), event('pause', 7), event('commit', 8)]), one(5));
  expect(events.map(({ action }) => action)).toEqual(['pause', 'unpause', 'pause', 'commit']);
  const ahead = await told(witness([event('pause', 9), event('unpause', 10), event('pause', 11)]), one(5));
  expect(ahead.events.map(({ action }) => action)).toEqual(['pause', 'unpause', 'pause']);
});

test('an engine that has not said a word of it was not listened to', async () => {
  expect(await told(witness([]), one(5))).toEqual({ events: [], watched: false });
});

test('a gap is a gap, whatever was seen', async () => {
  expect(await told(witness([event('pause', 3)], true), one(5))).toMatchObject({ watched: false });
});

test('of one that somebody else had frozen only what came since counts', async () => {
  expect(await told(witness([event('pause', 3)]), one(5, true))).toMatchObject({ watched: false });
  expect(await told(witness([event('pause', 3), event('commit', 6)]), one(5, true))).toMatchObject({ watched: true });
});

test('an event on its way is waited for', async () => {
  const clock = fakeClock(1_000);
  const events: EngineEvent[] = [];
  const came = witnessed(witness(events), one(5), clock);
  await clock.advance(100);
  events.push(event('pause', 6));
  await clock.advance(100);
  expect(await came).toMatchObject({ watched: true });
});
