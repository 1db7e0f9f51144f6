import { type Clock, instant } from '../domain/clock.ts';
import type { RunEvent } from '../domain/words.ts';
import type { Db } from './db.ts';
import { runNumber } from './run-row.ts';

/** An event with its place among those of all runs, for followers in any process. */
export interface StoredEvent extends RunEvent {
  readonly rowId: number;
}

export interface Events {
  /** Durable when it returns. */
  add(runId: string, type: string, target: string | null, message: string, data?: Readonly<Record<string, unknown>> | null): StoredEvent;
  list(runId: string, afterSeq?: number): StoredEvent[];
  /** The last so many of a run, in their order. */
  newest(runId: string, limit: number): StoredEvent[];
  /** What came after a row, over all runs, oldest first. `limit` default 1000. */
  since(rowId: number, limit?: number): StoredEvent[];
  /** Where a follower that wants only what is new begins. */
  lastRowId(): number;
}

interface Row {
  readonly id: number;
  readonly run_id: string;
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly target: string | null;
  readonly message: string;
  readonly data: string | null;
}

const columns = 'events.id, runs.id AS run_id, events.seq, events.at, events.type, events.target, events.message, events.data';

export function createEvents(db: Db, clock: Clock): Events {
  return {
    add(runId, type, target, message, data = null) {
      const at = clock.now();
      const text = data === null ? null : JSON.stringify(data);
      return db.transaction(() => {
        const run = runNumber(db, runId);
        const seq = (db.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM events WHERE run = ?', run)?.seq ?? 0) + 1;
        const sql = 'INSERT INTO events (run, seq, at, type, target, message, data) VALUES (?, ?, ?, ?, ?, ?, ?)';
        const { id } = db.run(sql, run, seq, at, type, target, message, text);
        return { rowId: id, runId, seq, at: instant(at), type, target, message, data };
      });
    },
    list: (runId, afterSeq = 0) =>
      db
        .all<Row>(
          `SELECT ${columns} FROM runs JOIN events ON events.run = runs.n WHERE runs.id = ? AND events.seq > ? ORDER BY events.seq`,
          runId,
          afterSeq,
        )
        .map(asEvent),
    newest: (runId, limit) =>
      db
        .all<Row>(
          `SELECT ${columns} FROM runs JOIN events ON events.run = runs.n WHERE runs.id = ? ORDER BY events.seq DESC LIMIT ?`,
          runId,
          limit,
        )
        .map(asEvent)
        .reverse(),
    since: (rowId, limit = 1000) =>
      db
        .all<Row>(
          `SELECT ${columns} FROM events JOIN runs ON runs.n = events.run WHERE events.id > ? ORDER BY events.id LIMIT ?`,
          rowId,
          limit,
        )
        .map(asEvent),
    lastRowId: () => db.get<{ id: number | null }>('SELECT max(id) AS id FROM events')?.id ?? 0,
  };
}

function asEvent(row: Row): StoredEvent {
  return {
    rowId: row.id,
    runId: row.run_id,
    seq: row.seq,
    at: instant(row.at),
    type: row.type,
    target: row.target,
    message: row.message,
    data: row.data === null ? null : (JSON.parse(row.data) as Record<string, unknown>),
  };
}
