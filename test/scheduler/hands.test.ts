import { describe, expect, it } from 'vitest';
import type { Slot } from '../../src/scheduler/ledger.ts';
import { newRun } from '../store/support.ts';
import { aDrill } from './a-drill.ts';
import { aLab } from './lab.ts';

const hour = 3_600_000;
const business = { days: [1, 2, 3, 4, 5], from: 9 * 60, to: 17 * 60, timezone: 'Europe/Amsterdam' };

describe('two schedulers', () => {
  it('start each slot once between them', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `d${i}`);
    const lab = aLab(
      '2026-06-01T12:30:00Z',
      names.map((name) => aDrill(name, { cron: '*/10 * * * *' })),
    );
    lab.hand({ concurrency: 100 });
    lab.hand({ concurrency: 100 });
    await lab.pass(2 * hour);
    expect(lab.started).toHaveLength(20 * 12);
    expect(new Set(lab.started).size).toBe(20 * 12);
  });

  it('hand over: the second goes on where the first one died', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', {})]);
    const first = lab.hand();
    await lab.pass(hour);
    lab.hand();
    first.crash();
    await lab.pass(2 * hour);
    expect(lab.started.map((start) => start.slice(13, 15))).toEqual(['13', '14', '15']);
  });

  it('the store refuses a run for a slot that was taken over', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', {})]);
    const slots: Slot[] = [];
    lab.onStart = (_, slot) => {
      slots.push(slot);
      return new Promise(() => {});
    };
    const first = lab.hand();
    await lab.pass(hour);
    first.crash();
    const second = lab.hand();
    await lab.pass(60_000);
    expect(slots).toHaveLength(2);
    const [slot] = slots as [Slot];
    // The first one was only believed to be dead.
    expect(() => lab.open('d', slot, first.processId)).toThrow(expect.objectContaining({ code: 'slot_taken', exitCode: 4 }));
    lab.open('d', slot, second.processId);
    expect(() => lab.open('d', slot, second.processId)).toThrow(expect.objectContaining({ code: 'slot_taken' }));
    expect(() => lab.open('other', slot, second.processId)).toThrow(expect.objectContaining({ code: 'slot_taken' }));
  });
});

it('a slot of a drill on two engines is answered by one run on each', async () => {
  const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', {})]);
  lab.onStart = (drill, slot, processId) => {
    const on = (name: string) =>
      newRun({ processId, drill: drill.name, slot: slot.instant, engine: { name, id: null, version: null, environment: null } });
    for (const run of [on('one'), on('two')]) {
      lab.store.runs.open(run);
      lab.end(run.id);
    }
    expect(() => lab.store.runs.open(on('two'))).toThrow(expect.objectContaining({ code: 'slot_taken' }));
  };
  lab.hand();
  await lab.pass(hour);
  expect(lab.store.runs.list().map((run) => run.engine.name)).toEqual(expect.arrayContaining(['one', 'two']));
  expect(lab.store.runs.list()).toHaveLength(2);
  expect(lab.slots('d')).toEqual(['13:00 started']);
});

describe('a crash between claim and start', () => {
  it.each(['run-once', 'skip'] as const)('with %s', async (missed) => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', { missed })]);
    lab.onStart = () => new Promise(() => {});
    const hand = lab.hand();
    await lab.pass(30 * 60_000);
    expect(lab.slots('d')).toEqual(['13:00 claimed']);
    hand.crash();
    lab.onStart = (drill, slot, processId) => lab.end(lab.open(drill.name, slot, processId));
    lab.started.length = 0;
    lab.hand();
    await lab.pass(2 * 60_000);
    expect(lab.started).toEqual(missed === 'run-once' ? ['d@2026-06-01T13:00:00Z'] : []);
    expect(lab.slots('d')).toEqual([missed === 'run-once' ? '13:00 started' : '13:00 missed']);
    const { note } = lab.store.slots.get('d', Date.parse('2026-06-01T13:00:00Z')) ?? {};
    expect(note).toBe(missed === 'skip' ? 'its process ended before the run began, 0 s late' : null);
  });

  it('after the run was opened is not a claim any more', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', {})]);
    lab.onStart = (drill, slot, processId) => {
      lab.open(drill.name, slot, processId);
      return new Promise(() => {});
    };
    const hand = lab.hand();
    await lab.pass(30 * 60_000);
    hand.crash();
    lab.hand();
    await lab.pass(10 * 60_000);
    expect(lab.started).toHaveLength(1);
    // and its run, which nobody runs, does not keep the next slot from running
    await lab.pass(hour);
    expect(lab.started).toHaveLength(2);
  });

  it('is none when the scheduler is stopped and its process lives on: the next one takes over', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', { jitterMs: hour })]);
    const hand = lab.hand();
    await lab.pass(30 * 60_000);
    await hand.scheduler.stop();
    lab.hand();
    await lab.pass(hour);
    expect(lab.started).toEqual(['d@2026-06-01T13:00:00Z']);
  });

  it('of a drill that is not scheduled any more is written down', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', {})]);
    lab.onStart = () => new Promise(() => {});
    const hand = lab.hand();
    await lab.pass(30 * 60_000);
    hand.crash();
    lab.catalogue = [];
    lab.hand();
    await lab.pass(60_000);
    expect(lab.slots('d')).toEqual(['13:00 missed']);
  });

  it('with jitter left to wait is no delay', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', { jitterMs: hour, missed: 'skip' })]);
    const hand = lab.hand();
    await lab.pass(30 * 60_000);
    expect(lab.slots('d')).toEqual(['13:00 claimed']);
    hand.crash();
    lab.hand();
    await lab.pass(hour);
    expect(lab.started).toEqual(['d@2026-06-01T13:00:00Z']);
  });
});

describe('a slot is not run', () => {
  it('while the run before it goes on, of whichever process', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', { cron: '*/10 * * * *' })]);
    const manual = lab.open('d', null, lab.test.processId);
    lab.hand();
    await lab.pass(25 * 60_000);
    lab.end(manual);
    await lab.pass(10 * 60_000);
    expect(lab.slots('d')).toEqual(['12:40 overlap', '12:50 overlap', '13:00 started']);
    expect(lab.store.slots.get('d', Date.parse('2026-06-01T12:40:00Z'))?.note).toBe(`run ${manual} still goes on`);
  });

  it('while the one before it still waits for room', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('a', { cron: '35 12 * * *' }), aDrill('b', { cron: '*/10 * * * *' })]);
    let release = () => {};
    lab.onStart = (drill, slot, processId) => {
      const run = lab.open(drill.name, slot, processId);
      return new Promise((resolve) => {
        release = () => {
          lab.end(run);
          resolve();
        };
      });
    };
    lab.hand({ concurrency: 1 });
    await lab.pass(25 * 60_000);
    expect(lab.started).toEqual(['a@2026-06-01T12:35:00Z']);
    expect(lab.slots('b')).toEqual(['12:40 claimed', '12:50 overlap']);
    release();
    await lab.wake();
    expect(lab.started).toEqual(['a@2026-06-01T12:35:00Z', 'b@2026-06-01T12:40:00Z']);
  });

  it('outside its window, nor when the window has closed by the time it is due', async () => {
    const hourly = aDrill('d', {}, business);
    const late = aDrill('late', { cron: '59 14 * * *', jitterMs: 4 * hour }, business);
    const lab = aLab('2026-06-01T13:30:00Z', [hourly, late]);
    lab.hand();
    await lab.pass(5 * hour);
    expect(lab.slots('d')).toEqual([
      '14:00 started',
      '15:00 outside-window',
      '16:00 outside-window',
      '17:00 outside-window',
      '18:00 outside-window',
    ]);
    expect(lab.slots('late')).toEqual(['14:59 outside-window']);
    expect(lab.store.slots.list('late')[0]?.note).toContain('from 09:00 to 17:00 Europe/Amsterdam');
  });

  it('late, when the machine slept through its jitter and missed slots are to be skipped', async () => {
    const lab = aLab('2026-06-01T12:59:00Z', [aDrill('skip', { jitterMs: hour, missed: 'skip' }), aDrill('once', { jitterMs: hour })]);
    lab.hand();
    await lab.pass(60_000);
    expect([lab.slots('skip'), lab.slots('once')]).toEqual([['13:00 claimed'], ['13:00 claimed']]);
    lab.clock.set(Date.parse('2026-06-01T20:30:00Z'));
    await lab.wake();
    expect(lab.slots('skip')).toContain('13:00 missed');
    expect(lab.started).toEqual(['once@2026-06-01T13:00:00Z']);
  });

  it('twice, and is marked as failed, when no run came of it', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('throws', {}), aDrill('returns', {})]);
    lab.onStart = (drill) => {
      if (drill.name === 'throws') throw new Error('no such engine');
    };
    lab.hand();
    await lab.pass(hour);
    expect([lab.slots('throws'), lab.slots('returns')]).toEqual([['13:00 failed'], ['13:00 failed']]);
    expect(lab.store.slots.list('throws')[0]?.note).toBe('no run was made: no such engine');
    expect(lab.problems).toHaveLength(1);
    expect(lab.store.slots.counts()).toMatchObject({ failed: 2, claimed: 0 });
  });
});

describe('the scheduler', () => {
  it('runs so many at once, and the others when there is room', async () => {
    const lab = aLab(
      '2026-06-01T12:30:00Z',
      Array.from({ length: 7 }, (_, i) => aDrill(`d${i}`, {})),
    );
    const releases: (() => void)[] = [];
    lab.onStart = (drill, slot, processId) => {
      const run = lab.open(drill.name, slot, processId);
      return new Promise((resolve) => {
        releases.push(() => {
          lab.end(run);
          resolve();
        });
      });
    };
    lab.hand({ concurrency: 3 });
    await lab.pass(30 * 60_000);
    expect(lab.started).toHaveLength(3);
    releases.shift()?.();
    await lab.pass(1000);
    expect(lab.started).toHaveLength(4);
    for (let release = releases.shift(); release !== undefined; release = releases.shift()) {
      release();
      await lab.pass(1000);
    }
    expect(new Set(lab.started).size).toBe(7);
  });

  it('starts a slot at its instant when the tick came a moment before', async () => {
    const lab = aLab('2026-06-01T12:59:59.990Z', [aDrill('d', {})]);
    lab.hand();
    expect(lab.started).toEqual([]);
    // No tick: the alarm that it set for itself.
    lab.clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
    expect(lab.started).toEqual(['d@2026-06-01T13:00:00Z']);
  });

  it('does not touch the database while nothing is due', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', {})]);
    lab.hand();
    await lab.wake();
    const version = lab.store.control.version();
    await lab.pass(29 * 60_000, 1000);
    expect(lab.store.control.version()).toBe(version);
  });

  it('tries again when the database could not be written', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', {})]);
    let broken = true;
    lab.hand({
      between: (store) => ({
        ...store,
        slots: {
          ...store.slots,
          transaction(work) {
            if (broken) throw new Error('disk full');
            return store.slots.transaction(work);
          },
        },
      }),
    });
    await lab.pass(2 * 60_000);
    expect(lab.problems[0]).toContain('disk full');
    broken = false;
    await lab.pass(29 * 60_000);
    expect(lab.slots('d')).toEqual(['13:00 started']);
  });

  it('starts nothing once it is stopped', async () => {
    const lab = aLab('2026-06-01T12:59:30Z', [aDrill('d', {}), aDrill('e', { cron: '59 12 * * *', jitterMs: 60_000 })]);
    const hand = lab.hand();
    await hand.scheduler.stop();
    hand.wake();
    await lab.pass(hour);
    hand.wake();
    expect(lab.started).toEqual([]);
    await hand.scheduler.stop();
  });

  it("forgets a drill's oldest slots, never what is claimed", () => {
    const { store } = aLab('2026-06-01T12:00:00Z', []);
    for (let i = 1; i <= 30; i++) {
      store.slots.decide({ drill: 'd', instant: i, due: i, state: i === 3 ? 'claimed' : 'missed', processId: 1, note: null });
    }
    expect(store.slots.prune('d', 10)).toBe(19);
    expect(store.slots.list('d', 100).map((slot) => slot.instant)).toEqual([30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 3]);
    expect(store.slots.prune('other', 10)).toBe(0);
    expect(store.slots.counts()).toEqual({ claimed: 1, missed: 29 });
  });
});
