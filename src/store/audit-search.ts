import { type AuditFilter, type AuditPage, type AuditRow, auditColumns } from './audit-row.ts';
import type { Db, Value } from './db.ts';

/** Rows that are looked through for one page: the log has no index but its numbers, and nobody else is served meanwhile. */
const window = 50_000;
/** Clocks are set now and then, so times are not quite in the order of the numbers. */
const slackMs = 86_400_000;

/** Where a row does not say what became of its act (the command line writes before it does), it was let through. */
const outcome = `CASE WHEN json_valid(data) THEN CASE coalesce(data ->> '$.outcome', data ->> '$.decision')
  WHEN 'refused' THEN 'refused' WHEN 'failed' THEN 'failed' ELSE 'allowed' END ELSE 'allowed' END`;

/** @param last the highest number that was given. */
export function searchAudit(db: Db, filter: AuditFilter, last: number): AuditPage {
  const { limit = 50, before, since, until } = filter;
  const end = Math.min(before ?? last + 1, until === undefined ? last + 1 : firstAt(db, until + slackMs, last));
  const floor = since === undefined ? 1 : firstAt(db, since - slackMs, last);
  const start = Math.max(end - window, floor);
  const { conditions, values } = conditionsOf(filter);
  const sql = `SELECT ${auditColumns} FROM audit WHERE ${['seq >= ?', 'seq < ?', ...conditions].join(' AND ')} ORDER BY seq DESC LIMIT ?`;
  const found = db.all<AuditRow>(sql, start, end, ...values, limit + 1);
  const rows = found.slice(0, limit);
  if (found.length > limit) return { rows, next: rows.at(-1)?.seq ?? null };
  return { rows, next: start > floor ? start : null };
}

function conditionsOf({ who, act, outcome: wanted, since, until }: AuditFilter): { conditions: string[]; values: Value[] } {
  const conditions: string[] = [];
  const values: Value[] = [];
  const add = (condition: string, value: Value | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add('who = ?', who);
  add('act = ?', act);
  add(`${outcome} = ?`, wanted);
  add('at >= ?', since);
  add('at < ?', until);
  return { conditions, values };
}

/** The number of the first row from `at` on, or the one after the last: found by halves, each a look at one row. */
function firstAt(db: Db, at: number, last: number): number {
  let low = 1;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    // the next one there is, should somebody have taken this one out
    const row = db.get<{ seq: number; at: number }>('SELECT seq, at FROM audit WHERE seq >= ? ORDER BY seq LIMIT 1', middle);
    if (row === undefined || row.at >= at) high = middle;
    else low = row.seq + 1;
  }
  return low;
}
