import type { Clock } from '../domain/clock.ts';
import { RefusedError } from '../domain/errors.ts';
import type { Change, ChangeData, ChangeRecord, ChangeState, Intent, Journal } from '../domain/journal.ts';
import type { Db } from './db.ts';
import { runNumber } from './run-row.ts';

export interface ChangeStep {
  readonly seq: number;
  readonly name: string;
  readonly data: ChangeData | null;
  /** UTC ms. */
  readonly at: number;
}

export interface SettledChange extends ChangeRecord {
  readonly note: string | null;
  readonly closedAt: number | null;
}

/** What a run changed and what became of it, without what its handler needs. */
export interface RunChange extends Pick<ChangeRecord, 'id' | 'kind' | 'target' | 'state' | 'step'> {
  readonly note: string | null;
  /** UTC ms. */
  readonly openedAt: number;
  readonly closedAt: number | null;
}

export interface JournalStore {
  /** The journal that a run writes; `engine` is the name in the configuration, `engineId` the daemon's own id. */
  forRun(runId: string, engine: string, engineId: string): Journal;
  /** Newest first: the order in which they are undone. */
  openChanges(filter?: { readonly runId?: string | undefined }): ChangeRecord[];
  /** Those whose undo could not be proven, newest first; they can be reconciled again. */
  residueChanges(filter?: { readonly runId?: string | undefined }): SettledChange[];
  steps(changeId: number): ChangeStep[];
  /** All of one run, in the order in which they were made. */
  ofRun(runId: string): RunChange[];
  /** For reconciling: from `open` or `residue`. A change that is done or undone stays so, and closing it again is a defect. */
  close(changeId: number, state: Exclude<ChangeState, 'open'>, note?: string): void;
}

interface Row {
  readonly id: number;
  readonly run_id: string;
  readonly engine: string;
  readonly engine_id: string;
  readonly kind: string;
  readonly target: string;
  readonly data: string;
  readonly state: ChangeState;
  readonly step: string | null;
  readonly note: string | null;
  readonly closed_at: number | null;
}

/** Every call that writes is durable when it returns: this is written on the connection with `synchronous = FULL`. */
export function createJournal(db: Db, clock: Clock): JournalStore {
  const unsettled = (state: 'open' | 'residue', runId: string | undefined) =>
    db.all<Row>(unsettledQuery(state, runId !== undefined), ...(runId === undefined ? [] : [runId]));
  const close = (changeId: number, state: Exclude<ChangeState, 'open'>, note?: string) => {
    const { changes } = db.run(
      "UPDATE changes SET state = ?, note = ?, closed_at = ? WHERE id = ? AND state IN ('open', 'residue')",
      state,
      note ?? null,
      clock.now(),
      changeId,
    );
    if (changes === 0) throw new Error(`change ${changeId} is not known or was settled before`);
  };
  return {
    forRun: (runId, engine, engineId) => ({ open: (intent) => openChange(db, clock, { runId, engine, engineId }, intent, close) }),
    openChanges: (filter = {}) => unsettled('open', filter.runId).map(asRecord),
    residueChanges: (filter = {}) =>
      unsettled('residue', filter.runId).map((row) => ({ ...asRecord(row), note: row.note, closedAt: row.closed_at })),
    steps: (changeId) =>
      db
        .all<{ seq: number; name: string; data: string | null; at: number }>(
          'SELECT seq, name, data, at FROM change_steps WHERE change = ? ORDER BY seq',
          changeId,
        )
        .map((row) => ({ ...row, data: row.data === null ? null : (JSON.parse(row.data) as ChangeData) })),
    ofRun: (runId) =>
      db.all<RunChange>(
        `SELECT changes.id, changes.kind, target, state, step, note, opened_at AS openedAt, closed_at AS closedAt
         FROM runs JOIN changes ON changes.run = runs.n WHERE runs.id = ? ORDER BY changes.id`,
        runId,
      ),
    close,
  };
}

/** Newest first; by the index that holds only what is not settled, of which there is little, however many changes there ever were. */
export function unsettledQuery(state: 'open' | 'residue', ofOneRun: boolean): string {
  return `SELECT changes.id, runs.id AS run_id, engine, changes.engine_id, changes.kind, target, data, state, step, note, closed_at
    FROM changes INDEXED BY changes_unsettled CROSS JOIN runs ON runs.n = changes.run
    WHERE state IN ('open', 'residue') AND state = '${state}' ${ofOneRun ? 'AND runs.id = ?' : ''} ORDER BY changes.id DESC`;
}

function openChange(
  db: Db,
  clock: Clock,
  owner: { readonly runId: string; readonly engine: string; readonly engineId: string },
  intent: Intent,
  close: JournalStore['close'],
): Change {
  const { id, changes } = db.run(
    `INSERT INTO changes (run, engine, engine_id, kind, target, data, state, opened_at)
     SELECT n, ?, ?, ?, ?, ?, 'open', ? FROM runs WHERE n = ? AND ended_at IS NULL`,
    owner.engine,
    owner.engineId,
    intent.kind,
    intent.target,
    JSON.stringify(intent.data),
    clock.now(),
    runNumber(db, owner.runId),
  );
  if (changes === 0) throw new RefusedError('run_ended', `run ${owner.runId} was ended by another process: it changes nothing more`);
  let record: ChangeRecord = { id, ...owner, ...intent, state: 'open', step: null };
  return {
    get record() {
      return record;
    },
    step(name, data) {
      const merged = { ...record.data, ...data };
      db.transaction(() => {
        const { changes } = db.run(
          "UPDATE changes SET step = ?, data = ? WHERE id = ? AND state = 'open'",
          name,
          JSON.stringify(merged),
          id,
        );
        if (changes === 0) throw new Error(`change ${id} is not open any more: another process has reconciled it`);
        db.run(
          'INSERT INTO change_steps (change, seq, name, data, at) VALUES (?, (SELECT coalesce(max(seq), 0) + 1 FROM change_steps WHERE change = ?), ?, ?, ?)',
          id,
          id,
          name,
          data === undefined ? null : JSON.stringify(data),
          clock.now(),
        );
      });
      record = { ...record, data: merged, step: name };
    },
    close(state, note) {
      close(id, state, note);
      record = { ...record, state };
    },
  };
}

function asRecord(row: Row): ChangeRecord {
  return {
    id: row.id,
    runId: row.run_id,
    engine: row.engine,
    engineId: row.engine_id,
    kind: row.kind,
    target: row.target,
    data: JSON.parse(row.data) as ChangeData,
    state: row.state,
    step: row.step,
  };
}
