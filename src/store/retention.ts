import { setImmediate } from 'node:timers/promises';
import { encodeTime } from 'ulid';
import type { Db } from './db.ts';

export interface Retention {
  /** Runs that began longer ago go. Null: no limit. */
  readonly maxAgeMs: number | null;
  /** All but the newest so many go. Null: no limit. */
  readonly maxCount: number | null;
  /** UTC ms. */
  readonly now: number;
}

export interface RetentionResult {
  readonly runs: number;
  /** Texts of drills that no run refers to any more. */
  readonly definitions: number;
  /** Given back to the file system. */
  readonly bytes: number;
}

/** Runs in one transaction: short enough that a writer beside it hardly waits. */
const batch = 100;
/** Pages given back in one step. */
const vacuumPages = 2_000;

/**
 * Forgets runs with all that hangs on them. Never one that goes on, nor one with a change that is open or left residue, nor one that
 * still holds a lock. The audit log, the slots and the tokens are not touched.
 */
export async function applyRetention(db: Db, { maxAgeMs, maxCount, now }: Retention): Promise<RetentionResult> {
  const cut = [maxAgeMs === null ? null : encodeTime(Math.max(0, now - maxAgeMs)), maxCount === null ? null : firstBeyond(db, maxCount)];
  // Ids sort by time: whatever is older than the later of the two cuts goes.
  const below = cut
    .filter((id) => id !== null)
    .sort()
    .at(-1);
  let runs = 0;
  let definitions = 0;
  for (let after = ''; below !== undefined; ) {
    const step = db.transaction(() => forget(db, after, below));
    runs += step.runs;
    definitions += step.definitions;
    if (step.last === null) break;
    after = step.last;
    await setImmediate();
  }
  return { runs, definitions, bytes: await giveBack(db) };
}

/** The id just above the newest run that is one too many. */
function firstBeyond(db: Db, maxCount: number): string | null {
  const row = db.get<{ id: string }>('SELECT id FROM runs ORDER BY id DESC LIMIT 1 OFFSET ?', maxCount);
  return row === undefined ? null : `${row.id}~`;
}

function forget(
  db: Db,
  after: string,
  below: string,
): { readonly runs: number; readonly definitions: number; readonly last: string | null } {
  const old = db.all<{ n: number; id: string; definition: number; keep: number }>(
    `SELECT n, id, definition,
       ended_at IS NULL
       OR EXISTS (SELECT 1 FROM changes WHERE run = n AND state IN ('open', 'residue'))
       OR EXISTS (SELECT 1 FROM locks WHERE run = n) AS keep
     FROM runs WHERE id > ? AND id < ? ORDER BY id LIMIT ?`,
    after,
    below,
    batch,
  );
  const gone = old.filter((run) => run.keep === 0);
  for (const run of gone) db.run('DELETE FROM runs WHERE n = ?', run.n);
  let definitions = 0;
  for (const definition of new Set(gone.map((run) => run.definition))) {
    definitions += db.run(
      'DELETE FROM definitions WHERE n = ? AND NOT EXISTS (SELECT 1 FROM runs WHERE definition = ?)',
      definition,
      definition,
    ).changes;
  }
  return { runs: gone.length, definitions, last: old.at(-1)?.id ?? null };
}

/** What was deleted leaves free pages in the file, which are used again first; the rest goes back to the file system here. */
async function giveBack(db: Db): Promise<number> {
  const count = (name: 'freelist_count' | 'page_size') => db.get<Record<string, number>>(`PRAGMA ${name}`)?.[name] ?? 0;
  const pageSize = count('page_size');
  let freed = 0;
  for (let free = count('freelist_count'); free > 0; ) {
    db.exec(`PRAGMA incremental_vacuum(${vacuumPages})`);
    const left = count('freelist_count');
    if (left >= free) break;
    freed += free - left;
    free = left;
    await setImmediate();
  }
  return freed * pageSize;
}
