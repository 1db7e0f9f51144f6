import { instant } from '../domain/clock.ts';
import type { Drill } from '../domain/drill.ts';
import type { Agenda } from './agenda.ts';
import { type LedgerOptions, obstacleTo, type Slot } from './ledger.ts';
import type { SchedulerLog } from './log.ts';

export interface LauncherOptions extends LedgerOptions {
  readonly agenda: Agenda;
  /** Resolves when the slot's runs have ended. */
  readonly start: (drill: Drill, slot: Slot) => Promise<void>;
  readonly concurrency: number;
  readonly log: SchedulerLog;
}

export interface Launcher {
  /** Takes slots that were claimed and starts each when it is due and there is room. */
  add(slots: readonly Slot[]): void;
  /** Starts what is due now. */
  launch(): void;
  /** UTC ms of the next one that waits for its jitter to pass; Infinity: none. */
  nextDue(): number;
  /** Slots that are due and wait for room; `since`: UTC ms at which the first of them was due. */
  waiting(): { readonly count: number; readonly since: number | null };
  /** Starts no more. */
  stop(): void;
}

export function createLauncher(options: LauncherOptions): Launcher {
  const { store, clock, processId, agenda, graceMs, log, concurrency } = options;
  /** Claimed, with jitter left to wait. */
  let delayed: Slot[] = [];
  /** Due, and waiting for room. */
  let ready: Slot[] = [];
  let running = 0;
  let stopped = false;

  const settle = (slot: Slot, state: 'missed' | 'overlap' | 'outside-window' | 'failed', note: string | null) => {
    store.slots.settle({ ...slot, processId }, state, note);
  };

  const launch = () => {
    const now = clock.now();
    for (const slot of delayed.filter(({ due }) => due <= now)) {
      // The machine slept, or the clock was set, while it waited.
      const late = slot.due + graceMs < now && agenda.plans.get(slot.drill)?.schedule.missed === 'skip';
      if (late) settle(slot, 'missed', `${Math.round((now - slot.due) / 1000)} s late`);
      else ready.push(slot);
      delayed = delayed.filter((other) => other !== slot);
    }
    for (let slot = ready[0]; slot !== undefined && running < concurrency && !stopped; slot = ready[0]) {
      begin(slot, now);
      // Only now: when the ledger could not be read, it is still there to be tried again.
      ready = ready.slice(1);
    }
  };

  const begin = (slot: Slot, now: number) => {
    const plan = agenda.plans.get(slot.drill);
    if (plan === undefined) return settle(slot, 'missed', 'the drill has no schedule any more');
    const obstacle = obstacleTo(plan, now, options);
    if (obstacle !== null) return settle(slot, obstacle.state, obstacle.note);
    running += 1;
    void Promise.resolve()
      .then(() => options.start(plan.drill, slot))
      .then(
        () => finished(slot, null),
        (error: unknown) => finished(slot, error instanceof Error ? error.message : 'it was ended without a reason'),
      );
  };

  const finished = (slot: Slot, why: string | null) => {
    running -= 1;
    if (stopped) return;
    if (why !== null) log.error({ drill: slot.drill, slot: instant(slot.instant), error: why }, 'a scheduled drill could not be run');
    try {
      // Only a slot for which no run was opened is still a claim.
      settle(slot, 'failed', why === null ? 'no run was made' : `no run was made: ${why}`);
      launch();
    } catch (error) {
      log.error(
        { drill: slot.drill, error: error instanceof Error ? error.message : '' },
        'the ledger cannot be written; it will be tried again',
      );
    }
  };

  return {
    add(slots) {
      delayed = [...delayed, ...slots].toSorted((a, b) => a.due - b.due);
    },
    launch,
    waiting: () => ({ count: ready.length, since: ready.reduce<number | null>((first, { due }) => Math.min(first ?? due, due), null) }),
    nextDue: () => delayed[0]?.due ?? Number.POSITIVE_INFINITY,
    stop() {
      stopped = true;
      delayed = [];
      ready = [];
    },
  };
}
