import type { Clock } from '../domain/clock.ts';
import { type ExitCode, RefusedError } from '../domain/errors.ts';
import type { EngineIdentity, RunRecord, RunSummary, Trigger, Verdict } from '../domain/words.ts';
import type { Db } from './db.ts';
import { saveDefinition } from './definitions.ts';
import { rollUp } from './roll-up.ts';
import { lastByDrill, listRuns, type RunFilter } from './run-list.ts';
import { createRunParts, type RunParts } from './run-parts.ts';
import { readRecord, resolveRun } from './run-record.ts';
import { asSummary, runNumber, type SummaryRow, summaryColumns } from './run-row.ts';

export interface NewRun {
  /** A ULID: runs are listed by it. */
  readonly id: string;
  readonly drill: string | null;
  readonly kind: string;
  readonly trigger: Trigger;
  readonly actor: string;
  readonly engine: EngineIdentity;
  readonly seed: string;
  /** `sha256:…`; its text is kept when it is given here or was saved before. */
  readonly definition: string;
  readonly definitionText?: string | undefined;
  readonly processId: number;
  /** UTC ms of the schedule's instant that this run answers. */
  readonly slot?: number | null | undefined;
  /** False for a run that proves nothing of what runs. (Default: true.) */
  readonly scored?: boolean | undefined;
}

export interface RunEnd {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly exitCode: ExitCode;
  readonly residue: readonly string[];
  /** Of the containers that its drill once found broken and that are not among its targets, those that are still there. Unknown: all of them. */
  readonly present?: readonly string[] | undefined;
}

/** A run that has not ended: it goes on, or its process is gone and it waits to be reconciled. */
export interface UnendedRun extends RunSummary {
  readonly processId: number;
  readonly slot: number | null;
}

export interface Runs extends RunParts {
  /** Throws RefusedError `slot_taken` when the slot is not claimed by this process, or its run was made before. */
  open(run: NewRun): void;
  setEngine(runId: string, engine: EngineIdentity): void;
  /** Once: a second end of the same run is a defect. */
  end(runId: string, end: RunEnd): void;
  /** For an ended run whose residue was settled, or found, later; an ended run's verdict and exit code stay as they were. */
  setResidue(runId: string, residue: readonly string[]): void;
  /** By the whole id or a unique beginning; throws InvalidError `run_ambiguous`. */
  record(idOrPrefix: string): RunRecord | null;
  /** The whole id for a unique beginning; throws like `record`. */
  resolve(idOrPrefix: string): string | null;
  list(filter?: RunFilter): RunSummary[];
  /** Newest first; all, or those of one drill. */
  unended(drill?: string): UnendedRun[];
  lastByDrill(): Map<string, RunSummary>;
  /** False when the run has ended or is not known. The first request stays. */
  requestAbort(runId: string, by: string): boolean;
  /** Who asked for the abort, or null. */
  abortRequested(runId: string): { readonly at: number; readonly by: string } | null;
}

export function createRuns(db: Db, clock: Clock): Runs {
  // Durations come from the monotonic clock where this process saw the start; for a dead process's run only the wall clock is left.
  const startedMonotonic = new Map<string, number>();

  return {
    ...createRunParts(db),
    open(run) {
      db.transaction(() => {
        if (run.slot !== undefined && run.slot !== null) takeSlot(db, run, run.slot);
        const definition = saveDefinition(db, run.definition, run.definitionText ?? null);
        const { engine } = run;
        db.run(
          `INSERT INTO runs (id, drill, kind, trigger, actor, engine_name, engine_id, engine_version, engine_environment, seed, definition, slot, process_id, scored, started_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          run.id,
          run.drill,
          run.kind,
          run.trigger,
          run.actor,
          engine.name,
          engine.id,
          engine.version,
          engine.environment,
          run.seed,
          definition,
          run.slot ?? null,
          run.processId,
          Number(run.scored ?? true),
          clock.now(),
        );
      });
      startedMonotonic.set(run.id, clock.monotonic());
    },
    setEngine: (runId, engine) =>
      void db.run(
        'UPDATE runs SET engine_name = ?, engine_id = ?, engine_version = ?, engine_environment = ? WHERE n = ?',
        engine.name,
        engine.id,
        engine.version,
        engine.environment,
        runNumber(db, runId),
      ),
    end(runId, { verdict, reason, exitCode, residue, present }) {
      const started = startedMonotonic.get(runId);
      const now = clock.now();
      db.transaction(() => {
        const { changes } = db.run(
          `UPDATE runs SET verdict = ?, reason = ?, exit_code = ?, residue = ?, ended_at = ?, duration_ms = coalesce(?, max(0, ? - started_at))
           WHERE id = ? AND ended_at IS NULL`,
          verdict,
          reason,
          exitCode,
          JSON.stringify(residue),
          now,
          started === undefined ? null : clock.monotonic() - started,
          now,
          runId,
        );
        if (changes === 0) throw new RefusedError('run_ended', `run ${runId} was ended before, by another process`);
        rollUp(db, runId, present);
      });
      startedMonotonic.delete(runId);
    },
    setResidue: (runId, residue) => void db.run('UPDATE runs SET residue = ? WHERE n = ?', JSON.stringify(residue), runNumber(db, runId)),
    record: (idOrPrefix) => readRecord(db, idOrPrefix),
    resolve: (idOrPrefix) => resolveRun(db, idOrPrefix),
    list: (filter) => listRuns(db, filter),
    unended(drill) {
      type Row = SummaryRow & { readonly process_id: number; readonly slot: number | null };
      const columns = `SELECT ${summaryColumns}, process_id, slot FROM runs INDEXED BY runs_unended WHERE ended_at IS NULL`;
      const rows =
        drill === undefined ? db.all<Row>(`${columns} ORDER BY id DESC`) : db.all<Row>(`${columns} AND drill = ? ORDER BY id DESC`, drill);
      return rows.map((row) => ({ ...asSummary(row), processId: row.process_id, slot: row.slot }));
    },
    lastByDrill: () => lastByDrill(db),
    requestAbort: (runId, by) =>
      db.run(
        'UPDATE runs SET abort_at = coalesce(abort_at, ?), abort_by = coalesce(abort_by, ?) WHERE id = ? AND ended_at IS NULL',
        clock.now(),
        by,
        runId,
      ).changes === 1,
    abortRequested: (runId) =>
      db.get<{ at: number; by: string }>('SELECT abort_at AS at, abort_by AS by FROM runs WHERE id = ? AND abort_at IS NOT NULL', runId) ??
      null,
  };
}

/** The last fence against a slot that runs twice: whoever opens its run must hold its claim, in the same transaction. */
function takeSlot(db: Db, run: NewRun, slot: number): void {
  const { changes } = db.run(
    `UPDATE slots SET state = 'started', run_id = coalesce(run_id, ?) WHERE drill = ? AND instant = ? AND process_id = ? AND state IN ('claimed', 'started')
     AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.drill = slots.drill AND runs.slot = slots.instant AND runs.engine_name = ?)`,
    run.id,
    run.drill,
    slot,
    run.processId,
    run.engine.name,
  );
  if (changes === 0) {
    throw new RefusedError('slot_taken', `${run.drill}: the slot ${new Date(slot).toISOString()} is not this process's to run`, {
      hint: 'nothing is lost: the process that holds the slot runs it',
    });
  }
}
