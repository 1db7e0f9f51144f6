import { instant } from '../domain/clock.ts';
import type { EngineIdentity, RunSummary, Trigger, Verdict } from '../domain/words.ts';
import type { Db } from './db.ts';

/** What lists read of a run: nothing that grows. */
export const summaryColumns = `runs.n, runs.id, runs.drill, runs.kind, runs.verdict, runs.reason, runs.trigger, runs.actor, runs.engine_name, runs.engine_id,
  runs.engine_version, runs.engine_environment, runs.started_at, runs.ended_at, runs.duration_ms, runs.target_count, runs.exit_code`;

export interface SummaryRow {
  readonly n: number;
  readonly id: string;
  readonly drill: string | null;
  readonly kind: string;
  readonly verdict: Verdict | null;
  readonly reason: string;
  readonly trigger: Trigger;
  readonly actor: string;
  readonly engine_name: string;
  readonly engine_id: string | null;
  readonly engine_version: string | null;
  readonly engine_environment: string | null;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly duration_ms: number | null;
  readonly target_count: number;
  readonly exit_code: number | null;
}

export function asSummary(row: SummaryRow): RunSummary {
  return {
    id: row.id,
    drill: row.drill,
    kind: row.kind,
    verdict: row.verdict,
    reason: row.reason,
    trigger: row.trigger,
    actor: row.actor,
    engine: asEngine(row),
    startedAt: instant(row.started_at),
    endedAt: row.ended_at === null ? null : instant(row.ended_at),
    durationMs: row.duration_ms,
    targetCount: row.target_count,
    exitCode: row.exit_code,
  };
}

export function asEngine(row: Pick<SummaryRow, 'engine_name' | 'engine_id' | 'engine_version' | 'engine_environment'>): EngineIdentity {
  return { name: row.engine_name, id: row.engine_id, version: row.engine_version, environment: row.engine_environment };
}

/** Throws for a run that is not known: a defect, as rows are only added to runs that were opened. */
export function runNumber(db: Db, runId: string): number {
  const row = db.get<{ n: number }>('SELECT n FROM runs WHERE id = ?', runId);
  if (row === undefined) throw new Error(`run ${runId} is not known`);
  return row.n;
}
