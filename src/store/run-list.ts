import { encodeTime } from 'ulid';
import type { RunSummary, Verdict } from '../domain/words.ts';
import type { Db, Value } from './db.ts';
import { asSummary, type SummaryRow, summaryColumns } from './run-row.ts';

export interface RunFilter {
  /** Default 50. */
  readonly limit?: number | undefined;
  /** Only runs older than this one: the last id of the page before. */
  readonly before?: string | undefined;
  readonly drill?: string | undefined;
  readonly kind?: string | undefined;
  readonly verdict?: Verdict | undefined;
  /** UTC ms, `since` included and `until` not; by the time in the run's id. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** Newest first. Every page reads along an index, so it costs the same at the first run and at the millionth. */
export function listRuns(db: Db, filter: RunFilter = {}): RunSummary[] {
  const { sql, values } = listQuery(filter);
  return db.all<SummaryRow>(sql, ...values).map(asSummary);
}

export function listQuery(filter: RunFilter): { readonly sql: string; readonly values: Value[] } {
  const conditions: string[] = [];
  const values: Value[] = [];
  const add = (condition: string, value: Value | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add('drill = ?', filter.drill);
  add('kind = ?', filter.kind);
  add('verdict = ?', filter.verdict);
  add('id < ?', filter.before);
  add('id >= ?', filter.since === undefined ? undefined : encodeTime(filter.since));
  add('id < ?', filter.until === undefined ? undefined : encodeTime(filter.until));
  values.push(filter.limit ?? 50);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return { sql: `SELECT ${summaryColumns} FROM runs ${indexFor(filter)} ${where} ORDER BY id DESC LIMIT ?`, values };
}

/** Named rather than left to the planner, which without statistics may prefer to sort. */
function indexFor(filter: RunFilter): string {
  const withVerdict = filter.verdict === undefined ? '' : '_verdict';
  if (filter.drill !== undefined) return `INDEXED BY runs_by_drill${withVerdict}`;
  if (filter.kind !== undefined) return `INDEXED BY runs_by_kind${withVerdict}`;
  return filter.verdict === undefined ? '' : 'INDEXED BY runs_by_verdict';
}

/** The newest run of every drill that ever ran. Steps from drill to drill along the index and reads no run in between. */
export function lastByDrill(db: Db): Map<string, RunSummary> {
  const rows = db.all<SummaryRow & { drill: string }>(lastByDrillQuery);
  return new Map(rows.map((row) => [row.drill, asSummary(row)]));
}

export const lastByDrillQuery = `
  WITH RECURSIVE known (name) AS (
    SELECT min(drill) FROM runs
    UNION ALL
    SELECT (SELECT min(drill) FROM runs WHERE drill > name) FROM known WHERE name IS NOT NULL
  )
  SELECT ${summaryColumns} FROM known
  JOIN runs ON runs.id = (SELECT max(id) FROM runs WHERE drill = name)
  WHERE name IS NOT NULL`;
