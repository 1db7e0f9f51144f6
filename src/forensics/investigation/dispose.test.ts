import { expect, test } from 'vitest';
import { fakeClock } from '../../../test/support/fake-clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { HoldIo } from '../hold/io.ts';
import { dispose } from './dispose.ts';

const held = { evidenceId: 'ev_1', containerId: 'a'.repeat(64), containerName: 'web', foreign: false };

/** An engine that thaws, and shows the container as given from then on. */
async function resumed(State: Partial<ContainerInspect['State']>) {
  const released: string[] = [];
  const io = {
    clock: fakeClock(),
    signal: new AbortController().signal,
    engine: { unpause: async () => undefined, inspect: async () => ({ Name: '/web', State }) },
    store: { holds: { release: (_id: string, ending: string) => released.push(ending) } },
  } as unknown as HoldIo;
  const answer = await dispose(held, 'resume', 0, 1_000, io).then(
    ({ outcome }) => outcome,
    (error: Error) => error.message,
  );
  return { answer, released };
}

test('one that runs on is held no more', async () => {
  expect(await resumed({ Running: true, Paused: false })).toEqual({ answer: 'resumed', released: ['resumed'] });
});

test('one that ends when it is resumed is not said to be held: there is nothing left to hold', async () => {
  expect(await resumed({ Running: false, Paused: false, ExitCode: 0 })).toEqual({
    answer: 'web ended with exit code 0 in place of running on',
    released: ['ended when it was resumed'],
  });
});

test('one that somebody thawed or removed meanwhile is not said to be kept frozen', async () => {
  const kept = async (State: Partial<ContainerInspect['State']>) => {
    const io = { engine: { inspect: async () => ({ Name: '/web', State }) } } as unknown as HoldIo;
    return (await dispose(held, 'keep', 0, 3_600_000, io)).outcome;
  };
  expect(await kept({ Paused: true, Status: 'paused' })).toBe('frozen, held for 1 h');
  expect(await kept({ Paused: false, Status: 'running' })).toBe('not frozen any more (running)');
});
