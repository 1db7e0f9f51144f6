import type { Clock } from '../domain/clock.ts';
import type { Db } from './db.ts';

/**
 * claimed: a process has taken it and will start its run. started: its run was opened. failed: it was taken, and no run came of it.
 * The other three were decided against, and no run was made: such a slot may be decided again, when the clock is set back before it.
 */
export type SlotState = 'claimed' | 'started' | 'missed' | 'outside-window' | 'overlap' | 'failed';

/** One instant at which a drill's schedule says that it is due. Drill and instant name it; there is never a second one. */
export interface SlotRecord {
  readonly drill: string;
  /** UTC ms, as the schedule says. */
  readonly instant: number;
  /** UTC ms, with the jitter. */
  readonly due: number;
  readonly state: SlotState;
  /** Who claimed it. */
  readonly processId: number | null;
  /** The first run that answers it. */
  readonly runId: string | null;
  readonly note: string | null;
  /** UTC ms. */
  readonly decidedAt: number;
}

export type SlotDecision = Pick<SlotRecord, 'drill' | 'instant' | 'due' | 'processId' | 'note'> & {
  readonly state: Exclude<SlotState, 'started'>;
};

export interface Cursor {
  /** What the schedule was; another one begins anew. */
  readonly schedule: string;
  /** UTC ms: every instant of the schedule up to and including it has been decided. */
  readonly decidedUntil: number;
}

export interface Slots {
  /** Several decisions in one durable step. */
  transaction<T>(work: () => T): T;
  cursor(drill: string): Cursor | null;
  setCursor(drill: string, cursor: Cursor): void;
  /** Forgets the drills that are not named: one that comes back later is new, and does not run for the past. */
  keepCursors(drills: readonly string[]): void;
  /** Takes cursors that lie in the future back to now: the clock was set back. */
  rewind(now: number): void;
  get(drill: string, instant: number): SlotRecord | null;
  /** False when the slot was claimed before, by anyone: it never runs twice. */
  decide(decision: SlotDecision): boolean;
  /** Slots that are claimed and whose run is not open yet: all, or those of one drill; oldest first. */
  claimed(drill?: string): SlotRecord[];
  /** Takes over a claim; only from whom it is believed to belong to. */
  reclaim(slot: Pick<SlotRecord, 'drill' | 'instant' | 'processId'>, processId: number): boolean;
  /** Ends a claim without a run. False when it is not (or no longer) this process's claim. */
  settle(
    slot: Pick<SlotRecord, 'drill' | 'instant' | 'processId'>,
    state: Exclude<SlotState, 'claimed' | 'started'>,
    note: string | null,
  ): boolean;
  /** Leaves a process's claims that no run answers yet to whoever comes next. */
  giveUp(processId: number): void;
  /** Newest decisions first. */
  list(drill: string, limit?: number): SlotRecord[];
  /** How many were ever decided which way. */
  counts(): Partial<Record<SlotState, number>>;
  /** Forgets all but the drill's newest decisions. */
  prune(drill: string, keep: number): number;
}

const columns = 'drill, instant, due, state, process_id AS processId, run_id AS runId, note, decided_at AS decidedAt';

export function createSlots(db: Db, clock: Clock): Slots {
  return {
    transaction: (work) => db.transaction(work),
    cursor: (drill) =>
      db.get<Cursor>('SELECT schedule, decided_until AS decidedUntil FROM schedule_cursors WHERE drill = ?', drill) ?? null,
    setCursor(drill, { schedule, decidedUntil }) {
      db.run(
        `INSERT INTO schedule_cursors (drill, schedule, decided_until) VALUES (?, ?, ?)
         ON CONFLICT (drill) DO UPDATE SET schedule = excluded.schedule, decided_until = excluded.decided_until`,
        drill,
        schedule,
        decidedUntil,
      );
    },
    keepCursors(drills) {
      db.run('DELETE FROM schedule_cursors WHERE drill NOT IN (SELECT value FROM json_each(?))', JSON.stringify(drills));
    },
    rewind(now) {
      db.run('UPDATE schedule_cursors SET decided_until = ? WHERE decided_until > ?', now, now);
    },
    get: (drill, instant) => db.get<SlotRecord>(`SELECT ${columns} FROM slots WHERE drill = ? AND instant = ?`, drill, instant) ?? null,
    decide: ({ drill, instant, due, state, processId, note }) =>
      db.run(
        `INSERT INTO slots (drill, instant, due, state, process_id, note, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (drill, instant) DO UPDATE SET due = excluded.due, state = excluded.state, process_id = excluded.process_id,
           note = excluded.note, decided_at = excluded.decided_at
         WHERE slots.state IN ('missed', 'outside-window', 'overlap')`,
        drill,
        instant,
        due,
        state,
        processId,
        note,
        clock.now(),
      ).changes === 1,
    claimed(drill) {
      const sql = `SELECT ${columns} FROM slots INDEXED BY slots_claimed WHERE state = 'claimed'`;
      return drill === undefined
        ? db.all<SlotRecord>(`${sql} ORDER BY drill, instant`)
        : db.all<SlotRecord>(`${sql} AND drill = ? ORDER BY instant`, drill);
    },
    reclaim: (slot, processId) =>
      db.run(
        "UPDATE slots SET process_id = ?, decided_at = ? WHERE drill = ? AND instant = ? AND process_id IS ? AND state = 'claimed'",
        processId,
        clock.now(),
        slot.drill,
        slot.instant,
        slot.processId,
      ).changes === 1,
    settle: (slot, state, note) =>
      db.run(
        "UPDATE slots SET state = ?, note = ?, decided_at = ? WHERE drill = ? AND instant = ? AND process_id IS ? AND state = 'claimed'",
        state,
        note,
        clock.now(),
        slot.drill,
        slot.instant,
        slot.processId,
      ).changes === 1,
    giveUp(processId) {
      db.run("UPDATE slots SET process_id = NULL WHERE state = 'claimed' AND process_id = ?", processId);
    },
    list: (drill, limit = 50) => db.all<SlotRecord>(`SELECT ${columns} FROM slots WHERE drill = ? ORDER BY id DESC LIMIT ?`, drill, limit),
    counts: () =>
      Object.fromEntries(db.all<{ state: string; n: number }>('SELECT state, n FROM slot_counts').map(({ state, n }) => [state, n])),
    prune(drill, keep) {
      const newest = db.get<{ id: number }>('SELECT id FROM slots WHERE drill = ? ORDER BY id DESC LIMIT 1 OFFSET ?', drill, keep);
      return newest === undefined
        ? 0
        : db.run("DELETE FROM slots WHERE drill = ? AND id <= ? AND state <> 'claimed'", drill, newest.id).changes;
    },
  };
}
