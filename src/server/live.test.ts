import { expect, it } from 'vitest';
import { fakeClock } from '../../test/support/fake-clock.ts';
import { createChanges, type Follower } from './live.ts';

interface Reader extends Follower {
  readonly got: string[];
  /** Reads nothing more until it is told to. */
  full: boolean;
  ended: boolean;
  leave(): void;
}

function reader(): Reader {
  let onClose = () => {};
  const self: Reader = {
    got: [],
    full: false,
    ended: false,
    destroyed: false,
    get writableNeedDrain() {
      return self.full;
    },
    write: (text) => self.got.push(text) > 0,
    end: () => {
      self.ended = true;
    },
    once: (_event, listener) => {
      onClose = listener;
    },
    leave: () => onClose(),
  };
  return self;
}

function start() {
  const clock = fakeClock();
  const stopping = new AbortController();
  const control = {
    n: 0,
    asked: 0,
    version() {
      control.asked += 1;
      return control.n;
    },
  };
  return { clock, stopping, control, changes: createChanges(control, clock, stopping.signal) };
}

const change = 'event: change\ndata:\n\n';

it('tells of changes, once for all of a quarter of a second', async () => {
  const { clock, control, changes } = start();
  const one = reader();
  changes.follow(one);
  await clock.advance(1_000);
  expect(one.got).toEqual(['retry: 2000\n\n']);
  control.n += 5;
  await clock.advance(250);
  control.n += 1;
  await clock.advance(1_000);
  expect(one.got.slice(1)).toEqual([change, change]);
});

it('asks once for all who follow, and not at all when nobody does', async () => {
  const { clock, control, changes } = start();
  const all = Array.from({ length: 50 }, reader);
  for (const one of all) changes.follow(one);
  await clock.advance(1_000);
  expect(control.asked).toBeLessThanOrEqual(6);
  for (const one of all) one.leave();
  expect(changes.followers()).toBe(0);
  await clock.advance(1_000);
  const { asked } = control;
  await clock.advance(10_000);
  expect(control.asked).toBe(asked);
  const late = reader();
  changes.follow(late);
  control.n += 1;
  await clock.advance(500);
  expect(late.got).toContain(change);
});

it('leaves who does not read alone, and tells it once what it missed', async () => {
  const { clock, control, changes } = start();
  const slow = reader();
  changes.follow(slow);
  slow.full = true;
  for (let i = 0; i < 100; i++) {
    control.n += 1;
    await clock.advance(250);
  }
  expect(slow.got).toHaveLength(1);
  slow.full = false;
  await clock.advance(1_000);
  expect(slow.got.slice(1)).toEqual([change]);
});

it('says now and then that it is still there', async () => {
  const { clock, changes } = start();
  const one = reader();
  changes.follow(one);
  await clock.advance(31_000);
  expect(one.got.slice(1)).toEqual([': still here\n\n', ': still here\n\n']);
});

it('ends with the server', async () => {
  const { clock, stopping, changes } = start();
  const [one, late] = [reader(), reader()];
  changes.follow(one);
  await clock.advance(100);
  stopping.abort();
  await clock.advance(0);
  changes.follow(late);
  expect([one.ended, late.ended]).toEqual([true, true]);
});
