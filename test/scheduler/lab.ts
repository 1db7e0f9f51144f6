import { ulid } from 'ulid';
import { onTestFinished } from 'vitest';
import type { Drill } from '../../src/domain/drill.ts';
import type { SchedulerStore, Slot } from '../../src/scheduler/ledger.ts';
import { type Scheduler, type SchedulerOptions, startScheduler } from '../../src/scheduler/scheduler.ts';
import type { Store } from '../../src/store/store.ts';
import { type FakeClock, fakeClock, newRun, type TestStore, tempStore } from '../store/support.ts';

/** One scheduler, as one process has it. */
export interface Hand {
  readonly processId: number;
  readonly scheduler: Scheduler;
  wake(): void;
  /** Dies without a word. */
  crash(): void;
}

export interface HandOptions extends Pick<Partial<SchedulerOptions>, 'concurrency' | 'graceMs'> {
  /** What stands between the scheduler and its store. */
  readonly between?: (store: SchedulerStore) => SchedulerStore;
}

export interface Lab {
  readonly test: TestStore;
  readonly store: Store;
  readonly clock: FakeClock;
  /** Every start, by whichever hand: `name@2026-06-01T12:00:00Z`. */
  readonly started: string[];
  readonly problems: string[];
  catalogue: readonly Drill[];
  /** What a started drill does; by default its run is opened and ended at once. */
  onStart: (drill: Drill, slot: Slot, processId: number) => Promise<void> | void;
  hand(options?: HandOptions): Hand;
  /** Time passes, and every hand is woken after each step. */
  pass(ms: number, step?: number): Promise<void>;
  /** Wakes every hand now. */
  wake(): Promise<void>;
  open(drill: string, slot: Slot | null, processId: number): string;
  end(runId: string): void;
  /** `12:00 claimed` …, oldest slot first. */
  slots(drill: string): string[];
}

/** Real store, fake time, ticks by hand. */
export function aLab(at: string, catalogue: readonly Drill[]): Lab {
  const test = tempStore({ clock: fakeClock(Date.parse(at)) });
  const { store, clock } = test;
  const hands = new Set<Hand>();
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  const lab: Lab = {
    test,
    store,
    clock,
    started: [],
    problems: [],
    catalogue,
    onStart(drill, slot, processId) {
      lab.end(lab.open(drill.name, slot, processId));
    },
    hand({ between = (store: SchedulerStore) => store, ...options } = {}) {
      const own = test.again();
      const registered = own.processes.register('command');
      let wake = () => {};
      const life = { ended: false };
      const never = new Promise<never>(() => {});
      const note = (fields: Readonly<Record<string, unknown>>, message: string) =>
        void lab.problems.push(`${message}: ${JSON.stringify(fields)}`);
      const scheduler = startScheduler({
        store: between(own),
        // What a dead process waited for never comes.
        clock: { ...clock, sleep: (ms, signal) => clock.sleep(ms, signal).then(() => (life.ended ? never : undefined)) },
        processId: registered.id,
        drills: () => lab.catalogue,
        start: async (drill, slot) => {
          lab.started.push(`${drill.name}@${new Date(slot.instant).toISOString().replace('.000', '')}`);
          await lab.onStart(drill, slot, registered.id);
          if (life.ended) await never;
        },
        log: { info: () => {}, warn: note, error: note },
        tick: (woken) => {
          wake = woken;
          return { stop: () => void hands.delete(hand) };
        },
        ...options,
      });
      const hand: Hand = {
        processId: registered.id,
        scheduler,
        wake: () => wake(),
        crash() {
          life.ended = true;
          hands.delete(hand);
          registered.release();
        },
      };
      hands.add(hand);
      onTestFinished(() => (life.ended ? undefined : scheduler.stop()));
      return hand;
    },
    async wake() {
      for (const hand of hands) hand.wake();
      await settled();
    },
    async pass(ms, step = 60_000) {
      for (let left = ms; left > 0; left -= step) {
        clock.advance(Math.min(left, step));
        await lab.wake();
      }
    },
    open(drill, slot, processId) {
      const run = newRun({ processId, id: ulid(), drill, slot: slot?.instant ?? null });
      store.runs.open(run);
      return run.id;
    },
    end: (runId) => store.runs.end(runId, { verdict: 'passed', reason: '', exitCode: 0, residue: [] }),
    slots: (drill) =>
      store.slots
        .list(drill, 1000)
        .toSorted((a, b) => a.instant - b.instant)
        .map((slot) => `${new Date(slot.instant).toISOString().slice(11, 16)} ${slot.state}`),
  };
  return lab;
}
