import type { EndedRun } from '../domain/fold-proof.ts';
import type { Unit, Verdict } from '../domain/words.ts';
import type { Db } from './db.ts';

/** Runs of one UTC day, drill and verdict. */
export interface DailyRuns {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly drill: string;
  readonly kind: string;
  readonly verdict: Verdict;
  readonly n: number;
  /** Of all of them together. */
  readonly durationMs: number;
}

/** Values of one measurement on one UTC day, of one subject: a service, a container of none, or empty for the run as a whole. */
export interface DailyValues {
  readonly day: string;
  readonly drill: string;
  readonly kind: string;
  readonly subject: string;
  readonly name: string;
  readonly unit: Unit;
  readonly n: number;
  readonly least: number;
  readonly most: number;
  readonly sum: number;
  /** How many missed their objective. */
  readonly missed: number;
  /** Of how many it is known whether they met one. */
  readonly judged: number;
}

/** What a million runs come to, a day at a time. Kept for as long as runs are. */
export interface Daily {
  /** From the day of `since` up to the day of `until`, both UTC ms and included, oldest first. */
  runs(since: number, until: number): DailyRuns[];
  /** Likewise, of one measurement of a drill, or of a subject whatever the drill. */
  values(of: { readonly drill: string; readonly subject?: string; readonly name?: string }, since: number, until: number): DailyValues[];
  /** Forgets the days before that of `until`, UTC ms; how many rows went. */
  forget(until: number): number;
}

const dayMs = 86_400_000;

export function createDaily(db: Db): Daily {
  return {
    runs: (since, until) =>
      db
        .all<Omit<DailyRuns, 'day'> & { readonly day: number }>(
          `SELECT day, drill, kind, verdict, n, duration_ms AS durationMs FROM daily_runs WHERE day BETWEEN ? AND ?
           ORDER BY day, drill, kind, verdict`,
          dayOf(since),
          dayOf(until),
        )
        .map((row) => ({ ...row, day: textOf(row.day) })),
    values: ({ drill, subject, name }, since, until) =>
      db
        .all<Omit<DailyValues, 'day'> & { readonly day: number }>(
          `SELECT day, drill, kind, subject, name, unit, n, least, most, sum, missed, judged FROM daily_values
           WHERE drill = ? AND (? IS NULL OR subject = ?) AND (? IS NULL OR name = ?) AND day BETWEEN ? AND ? ORDER BY day, subject, name`,
          drill,
          subject ?? null,
          subject ?? null,
          name ?? null,
          name ?? null,
          dayOf(since),
          dayOf(until),
        )
        .map((row) => ({ ...row, day: textOf(row.day) })),
    forget: (until) =>
      db.transaction(
        () =>
          db.run('DELETE FROM daily_runs WHERE day < ?', dayOf(until)).changes +
          db.run('DELETE FROM daily_values WHERE day < ?', dayOf(until)).changes,
      ),
  };
}

/** Within a transaction of the caller's. */
export function addToDay(db: Db, run: Pick<EndedRun, 'endedAt' | 'drill' | 'kind' | 'verdict'>, durationMs: number): void {
  const day = dayOf(run.endedAt);
  db.run(
    `INSERT INTO daily_runs (day, drill, kind, verdict, n, duration_ms) VALUES (?, ?, ?, ?, 1, ?)
     ON CONFLICT DO UPDATE SET n = n + 1, duration_ms = duration_ms + excluded.duration_ms`,
    day,
    run.drill,
    run.kind,
    run.verdict,
    durationMs,
  );
}

/** Within a transaction of the caller's. */
export function addValuesToDay(db: Db, run: EndedRun): void {
  const day = dayOf(run.endedAt);
  const subjects = new Map(run.targets.map(({ name, service }) => [name, service ?? name]));
  for (const { name, target, value, unit, met } of run.measurements) {
    db.run(
      `INSERT INTO daily_values (day, drill, kind, subject, name, unit, n, least, most, sum, missed, judged)
       VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET n = n + 1, least = min(least, excluded.least), most = max(most, excluded.most), sum = sum + excluded.sum,
         missed = missed + excluded.missed, judged = judged + excluded.judged`,
      day,
      run.drill,
      run.kind,
      target === null ? '' : (subjects.get(target) ?? target),
      name,
      unit,
      value,
      value,
      value,
      met === false ? 1 : 0,
      met === null ? 0 : 1,
    );
  }
}

export function dayOf(ms: number): number {
  return Math.floor(ms / dayMs);
}

export function textOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}
