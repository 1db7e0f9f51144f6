import { expect, it } from 'vitest';
import { fakeClock } from '../../test/support/fake-clock.ts';
import { createChanges, type Follower } from './live.ts';

interface Reader extends Follower {
  readonly got: string[];
  /** Reads nothing more until it is told to. */
  full: boolean;
  ended: boolean;
  gone: boolean;
  leave(): void;
}

function reader(): Reader {
  let onClose = () => {};
  const self: Reader = {
    got: [],
    full: false,
    ended: false,
    gone: false,
    destroyed: false,
    get writableNeedDrain() {
      return self.full;
    },
    write: (text) => self.got.push(text) > 0,
    end: () => {
      self.ended = true;
    },
    destroy: () => {
      self.gone = true;
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
      return control.n + control.beats;
    },
    news: () => String(control.n),
    /** Signs of life, which are no news. */
    beats: 0,
  };
  return { clock, stopping, control, changes: createChanges(control, clock, stopping.signal) };
}

const change = 'event: change\ndata:\n\n';

it('tells of changes, once for all of a quarter of a second', async () => {
  const { clock, control, changes } = start();
  const one = reader();
  changes.follow(one, () => true);
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
  for (const one of all) changes.follow(one, () => true);
  await clock.advance(1_000);
  expect(control.asked).toBeLessThanOrEqual(6);
  for (const one of all) one.leave();
  await clock.advance(1_000);
  const { asked } = control;
  await clock.advance(10_000);
  expect(control.asked).toBe(asked);
  const late = reader();
  changes.follow(late, () => true);
  control.n += 1;
  await clock.advance(500);
  expect(late.got).toContain(change);
});

it('leaves who does not read alone, and tells it once what it missed', async () => {
  const { clock, control, changes } = start();
  const slow = reader();
  changes.follow(slow, () => true);
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

it('tells seldom of what is written and is no news, and does not forget it', async () => {
  const { clock, control, changes } = start();
  const one = reader();
  changes.follow(one, () => true);
  for (let i = 0; i < 12; i++) {
    control.beats += 1;
    await clock.advance(5_000);
  }
  expect(one.got.filter((text) => text === change)).toHaveLength(2);
  control.beats += 1;
  await clock.advance(1_000);
  control.n += 1;
  await clock.advance(250);
  expect(one.got.filter((text) => text === change)).toHaveLength(3);
  await clock.advance(60_000);
  expect(one.got.filter((text) => text === change)).toHaveLength(3);
});

it('says now and then that it is still there', async () => {
  const { clock, changes } = start();
  const one = reader();
  changes.follow(one, () => true);
  await clock.advance(31_000);
  expect(one.got.slice(1)).toEqual([': still here\n\n', ': still here\n\n']);
});

it('ends with the server', async () => {
  const { clock, stopping, changes } = start();
  const [one, late] = [reader(), reader()];
  changes.follow(one, () => true);
  await clock.advance(100);
  stopping.abort();
  await clock.advance(0);
  changes.follow(late, () => true);
  expect([one.ended, late.ended]).toEqual([true, true]);
});

it('asks again with every sign of life whether it still may, however much there is to tell, and lets go of who may not', async () => {
  const { clock, control, changes } = start();
  const [one, slow, other] = [reader(), reader(), reader()];
  let allowed = true;
  changes.follow(one, () => allowed);
  changes.follow(slow, () => allowed);
  changes.follow(other, () => true);
  slow.full = true;
  for (let i = 0; i < 16; i++) {
    control.n += 1;
    await clock.advance(1_000);
  }
  expect([one.ended, slow.gone]).toEqual([false, false]);
  allowed = false;
  for (let i = 0; i < 16; i++) {
    control.n += 1;
    await clock.advance(1_000);
  }
  expect([one, slow, other].map(({ ended, gone }) => [ended, gone])).toEqual([
    [true, false],
    [false, true],
    [false, false],
  ]);
  const { length } = one.got;
  control.n += 1;
  await clock.advance(1_000);
  expect(one.got).toHaveLength(length);
});
