import type { Clock } from '../domain/clock.ts';
import type { Drill } from '../domain/drill.ts';
import { createAgenda } from './agenda.ts';
import { createLauncher } from './launcher.ts';
import { decideRound, type SchedulerStore, type Slot } from './ledger.ts';
import type { SchedulerLog } from './log.ts';
import { cronTicker, type Ticker } from './ticker.ts';

export interface SchedulerOptions {
  readonly store: SchedulerStore;
  readonly clock: Clock;
  /** This process's number in the store: its claims are its own as long as it lives. */
  readonly processId: number;
  /** The catalogue as it is now. The same array means that nothing has changed. */
  readonly drills: () => readonly Drill[];
  /** Runs the drill for a slot, with `slot.instant` in `runs.open`; resolves when its runs have ended. */
  readonly start: (drill: Drill, slot: Slot) => Promise<void>;
  readonly log: SchedulerLog;
  /** Default: node-cron, each second. */
  readonly tick?: Ticker;
  /** Default 60 s: a slot that is decided no later than this is not missed. */
  readonly graceMs?: number;
  /** How many drills run at once; others wait, claimed. Default 4. */
  readonly concurrency?: number;
}

export interface SchedulerHealth {
  /** Since it last looked what is due; it does so about once a second. */
  readonly silentMs: number;
  /** Why what is due cannot be found out; null when it can. */
  readonly problem: string | null;
  /** Slots that are due and wait for room. */
  readonly waiting: number;
  /** How long the first of them has been waiting. */
  readonly waitingMs: number;
}

export interface Scheduler extends AsyncDisposable {
  health(): SchedulerHealth;
  /** Starts nothing more; runs that go on are not its business. */
  stop(): Promise<void>;
}

/** How often claims of processes that died are looked for, and a drill's oldest slots forgotten. */
const sweepEveryMs = 10_000;
/** Slots kept of each drill. */
const slotsKept = 10_000;

/**
 * Starts drills when their schedules say so. Which slots are due, and whose they are, is decided in the store; in memory there is only
 * when to look again. Any number of these may run on one database: each slot is started once.
 */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { store, clock, processId, log, graceMs = 60_000, concurrency = 4 } = options;
  const agenda = createAgenda((drill, error) => log.error({ drill: drill.name, error: messageOf(error) }, 'the schedule cannot be read'));
  const launcher = createLauncher({ store, clock, processId, graceMs, agenda, start: options.start, concurrency, log });
  const stopping = new AbortController();
  let lastNow = Number.NEGATIVE_INFINITY;
  let sweepAt = Number.NEGATIVE_INFINITY;
  let wakeAt = Number.NEGATIVE_INFINITY;
  let alarmAt = Number.NaN;
  let turn = 0;
  let unsaved = false;
  let lookedAt = clock.monotonic();
  let problem: string | null = null;

  const wake = () => {
    if (stopping.signal.aborted) return;
    const now = clock.now();
    lookedAt = clock.monotonic();
    const setBack = now < lastNow;
    lastNow = now;
    unsaved = agenda.update(options.drills()) || unsaved;
    if (unsaved || setBack || now >= wakeAt) work(now, setBack);
    setAlarm(now);
  };

  const work = (now: number, setBack: boolean) => {
    try {
      const sweep = setBack || now >= sweepAt;
      if (unsaved) store.slots.keepCursors([...agenda.plans.keys()]);
      unsaved = false;
      const due = [...agenda.plans.values()].filter((plan) => setBack || plan.next === null || plan.next <= now);
      if (due.length > 0 || sweep) {
        const round = decideRound(due, agenda.plans, { store, clock, processId, graceMs });
        for (const [name, next] of round.next) {
          const plan = agenda.plans.get(name);
          if (plan !== undefined) plan.next = next;
        }
        launcher.add(round.claimed);
        for (const slot of round.claimed)
          log.info({ drill: slot.drill, slot: new Date(slot.instant).toISOString(), due: new Date(slot.due).toISOString() }, 'claimed');
      }
      launcher.launch();
      if (sweep) {
        sweepAt = now + sweepEveryMs;
        forgetOldSlots();
      }
      wakeAt = Math.min(sweepAt, launcher.nextDue(), ...[...agenda.plans.values()].map((plan) => plan.next ?? now));
      problem = null;
    } catch (error) {
      problem = messageOf(error);
      // Nothing is lost: what was not decided is still due, and the next tick tries again.
      wakeAt = now;
      log.error({ error: messageOf(error) }, 'the ledger cannot be read or written; it will be tried again');
    }
  };

  /** One drill a sweep, so that no sweep takes long. */
  const forgetOldSlots = () => {
    const names = [...agenda.plans.keys()];
    const name = names[turn++ % Math.max(1, names.length)];
    if (name !== undefined) store.slots.prune(name, slotsKept);
  };

  /** A tick may come a moment before its second, and a jitter may end between two. */
  const setAlarm = (now: number) => {
    if (wakeAt <= now || wakeAt - now >= 1000 || alarmAt === wakeAt) return;
    alarmAt = wakeAt;
    const ring = () => {
      alarmAt = Number.NaN;
      wake();
    };
    clock.sleep(wakeAt - now, stopping.signal).then(ring, () => {});
  };

  const ticking = (options.tick ?? cronTicker)(wake);
  wake();
  const stop = async () => {
    if (stopping.signal.aborted) return;
    ticking.stop();
    stopping.abort();
    launcher.stop();
    try {
      store.slots.giveUp(processId);
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'claims could not be given up; they are taken over when this process has ended');
    }
  };
  const health = () => {
    const { count, since } = launcher.waiting();
    return {
      silentMs: clock.monotonic() - lookedAt,
      problem,
      waiting: count,
      waitingMs: Math.max(0, clock.now() - (since ?? clock.now())),
    };
  };
  return { stop, health, [Symbol.asyncDispose]: stop };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
