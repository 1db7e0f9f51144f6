import { encodeTime } from 'ulid';
import type { Verdict } from '../domain/words.ts';
import type { Db, Value } from './db.ts';

export interface ResidueFilter {
  /** UTC ms, `since` included and `until` not; by the time in the run's id. */
  readonly since: number;
  readonly until: number;
  /** Of a service, or of a container that is of none; null: of all. */
  readonly subject: string | null;
  /** So many of the newest runs of every verdict are looked at. */
  readonly looked: number;
}

export interface RunResidue {
  readonly id: string;
  readonly residue: readonly string[];
}

const verdicts: readonly Verdict[] = ['passed', 'failed', 'inconclusive', 'refused', 'aborted', 'error'];

/**
 * Runs that left something behind, newest first, whatever they came to: those with a change that is not put back, whenever they were, and
 * among the newest of those days. Costs the same at the first run and at the millionth.
 */
export function runsWithResidue(db: Db, filter: ResidueFilter): RunResidue[] {
  const found = residueQueries(filter).flatMap(({ sql, values }) => db.all<{ id: string; residue: string }>(sql, ...values));
  return [...new Map(found.map(({ id, residue }) => [id, residue]))]
    .toSorted(([a], [b]) => (a < b ? 1 : -1))
    .map(([id, residue]) => ({ id, residue: JSON.parse(residue) as string[] }));
}

export function residueQueries({ since, until, subject, looked }: ResidueFilter): { readonly sql: string; readonly values: Value[] }[] {
  const about = subject === null ? '' : 'AND EXISTS (SELECT 1 FROM run_targets WHERE run = n AND (service = ? OR name = ?))';
  const names = subject === null ? [] : [subject, subject];
  const unsettled = {
    sql: `SELECT id, residue FROM runs WHERE n IN (
        SELECT run FROM changes INDEXED BY changes_unsettled WHERE state IN ('open', 'residue') AND state = 'residue'
      ) AND residue <> '[]' ${about}`,
    values: names,
  };
  const newest = verdicts.map((verdict) => ({
    sql: `SELECT id, residue FROM (
        SELECT n, id, residue FROM runs INDEXED BY runs_by_verdict WHERE verdict = ? AND id >= ? AND id < ? ORDER BY id DESC LIMIT ?
      ) WHERE residue <> '[]' ${about}`,
    values: [verdict, encodeTime(since), encodeTime(until), looked, ...names],
  }));
  return [unsettled, ...newest];
}
