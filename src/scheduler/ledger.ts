import type { Clock } from '../domain/clock.ts';
import { inWindow, windowSentence } from '../domain/window.ts';
import type { SlotRecord } from '../store/slots.ts';
import type { Store } from '../store/store.ts';
import type { Plan } from './agenda.ts';
import { decide, type Obstacle, type Occasion, type Verdict } from './decide.ts';
import { jitterOf } from './jitter.ts';
import { undecided } from './undecided.ts';

export type SchedulerStore = Pick<Store, 'slots' | 'processes' | 'runs'>;

/** A slot that this process has claimed and is to start. */
export interface Slot {
  readonly drill: string;
  /** UTC ms: with the drill's name, the slot's key. */
  readonly instant: number;
  /** UTC ms: with the jitter. */
  readonly due: number;
}

export interface LedgerOptions {
  readonly store: SchedulerStore;
  readonly clock: Clock;
  readonly processId: number;
  readonly graceMs: number;
}

export interface Round {
  readonly claimed: readonly Slot[];
  /** UTC ms of each plan's next instant. */
  readonly next: ReadonlyMap<string, number>;
}

/** Missed slots that are written down one by one; what is older is told by a note on the oldest of them. */
const listedAtMost = 50;

/**
 * Decides, in one transaction, over every slot that is due of the given plans: what another process decided in the meantime is seen,
 * and what is decided here nobody decides again.
 */
export function decideRound(plans: Iterable<Plan>, known: ReadonlyMap<string, Plan>, options: LedgerOptions): Round {
  const { store, clock } = options;
  return store.slots.transaction(() => {
    const now = clock.now();
    store.slots.rewind(now);
    const orphans = findOrphans(options);
    for (const slot of orphans) if (!known.has(slot.drill)) store.slots.settle(slot, 'missed', 'the drill has no schedule any more');
    const claimed: Slot[] = [];
    const next = new Map<string, number>();
    const concerned = new Set([...plans, ...orphans.flatMap((slot) => known.get(slot.drill) ?? [])]);
    for (const plan of concerned) {
      const own = orphans.filter((slot) => slot.drill === plan.drill.name);
      const decided = decidePlan(plan, own, now, options);
      claimed.push(...decided.claimed);
      next.set(plan.drill.name, decided.next);
    }
    return { claimed, next };
  });
}

/** What stands against starting a drill now: its previous run goes on, or its window is closed. */
export function obstacleTo({ drill }: Plan, now: number, { store }: LedgerOptions): Obstacle {
  const running = store.runs.unended(drill.name).find((run) => store.processes.isAlive(run.processId));
  if (running !== undefined) return { state: 'overlap', note: `run ${running.id} still goes on` };
  const { window } = drill.safety;
  if (window !== null && !inWindow(window, now)) return { state: 'outside-window', note: `its window is ${windowSentence(window)}` };
  return null;
}

/** Claims whose process is gone and which no run answers. */
function findOrphans({ store, processId }: LedgerOptions): SlotRecord[] {
  const isOrphan = (slot: SlotRecord) =>
    slot.processId !== processId && (slot.processId === null || !store.processes.isAlive(slot.processId));
  return store.slots.claimed().filter(isOrphan);
}

function decidePlan(
  plan: Plan,
  orphans: readonly SlotRecord[],
  now: number,
  options: LedgerOptions,
): { readonly claimed: Slot[]; readonly next: number } {
  const { slots } = options.store;
  const { name } = plan.drill;
  const cursor = slots.cursor(name);
  const isNew = cursor?.schedule !== plan.fingerprint;
  // A drill that is new, or has another schedule, begins now: what its schedule says of the past was never meant.
  const since = isNew ? now : cursor.decidedUntil;
  const { instants, more, next } = undecided(plan.calendar, since, now, listedAtMost);
  if (isNew || instants.length > 0) slots.setCursor(name, { schedule: plan.fingerprint, decidedUntil: now });
  const occasions = instants
    // Only after the clock was set back: it ran before, or is about to.
    .filter((instant) => !['claimed', 'started', 'failed'].includes(slots.get(name, instant)?.state ?? ''))
    .map((instant): Occasion => ({ instant, due: instant + jitterOf(name, instant, plan.schedule.jitterMs), orphan: false }))
    .concat(orphans.map(({ instant, due }) => ({ instant, due, orphan: true })))
    .toSorted((a, b) => a.instant - b.instant);
  if (occasions.length === 0) return { claimed: [], next };
  const verdicts = decide(occasions, {
    now,
    missed: plan.schedule.missed,
    graceMs: options.graceMs,
    waiting: slots.claimed(name).length > orphans.length,
    obstacle: () => obstacleTo(plan, now, options),
  });
  const oldest = verdicts.find((verdict) => verdict.state === 'missed' && !verdict.occasion.orphan);
  for (const verdict of verdicts) {
    const orphan = orphans.find((slot) => slot.instant === verdict.occasion.instant);
    if (orphan !== undefined) settleOrphan(orphan, verdict, options);
    else write(name, verdict, more && verdict === oldest ? since : null, options);
  }
  const claims = verdicts.filter(({ state }) => state === 'claimed');
  return { claimed: claims.map(({ occasion: { instant, due } }) => ({ drill: name, instant, due })), next };
}

function settleOrphan(orphan: SlotRecord, { state, note }: Verdict, { store, processId }: LedgerOptions): void {
  if (state === 'claimed') store.slots.reclaim(orphan, processId);
  else store.slots.settle(orphan, state, note);
}

/** `andAllSince`: the older ones that are not listed are told of here. */
function write(
  drill: string,
  { occasion: { instant, due }, state, note }: Verdict,
  andAllSince: number | null,
  { store, processId }: LedgerOptions,
): void {
  const whole = andAllSince === null ? note : `${note ?? ''}, like every one since ${new Date(andAllSince).toISOString()}`;
  store.slots.decide({ drill, instant, due, state, processId, note: whole });
}
