import { dayOf, textOf } from './daily.ts';
import type { Db } from './db.ts';

/** What a day's scorecard came to; the last one that was computed on it. */
export interface ScorecardDay {
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** UTC ms. */
  readonly at: number;
  readonly rubric: string;
  readonly grade: string;
  readonly proven: number;
  readonly coverage: number;
  /** By area. */
  readonly areas: Readonly<Record<string, { readonly proven: number; readonly coverage: number }>>;
}

export interface Scorecards {
  /** In place of an earlier one of the same day. */
  save(card: Omit<ScorecardDay, 'day'>): void;
  /** The newest one of a day before that of `ms`, UTC. */
  before(ms: number): ScorecardDay | null;
  /** Of the last so many days before `now`, UTC ms, oldest first; days without one are left out. */
  history(days: number, now: number): ScorecardDay[];
  /** Forgets the days before that of `until`, UTC ms; how many went. */
  forget(until: number): number;
}

type Row = Omit<ScorecardDay, 'day' | 'areas'> & { readonly day: number; readonly areas: string };

export function createScorecards(db: Db): Scorecards {
  return {
    save: ({ at, rubric, grade, proven, coverage, areas }) =>
      void db.run(
        'INSERT OR REPLACE INTO scorecards (day, at, rubric, grade, proven, coverage, areas) VALUES (?, ?, ?, ?, ?, ?, ?)',
        dayOf(at),
        at,
        rubric,
        grade,
        proven,
        coverage,
        JSON.stringify(areas),
      ),
    before(ms) {
      const row = db.get<Row>('SELECT * FROM scorecards WHERE day < ? ORDER BY day DESC LIMIT 1', dayOf(ms));
      return row === undefined ? null : asDay(row);
    },
    history: (days, now) =>
      db.all<Row>('SELECT * FROM scorecards WHERE day > ? AND day <= ? ORDER BY day', dayOf(now) - days, dayOf(now)).map(asDay),
    forget: (until) => db.run('DELETE FROM scorecards WHERE day < ?', dayOf(until)).changes,
  };
}

function asDay({ day, areas, ...row }: Row): ScorecardDay {
  return { ...row, day: textOf(day), areas: JSON.parse(areas) as ScorecardDay['areas'] };
}
