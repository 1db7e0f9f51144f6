import { instant } from '../domain/clock.ts';
import type { ChangeState } from '../domain/journal.ts';
import type { FaultRecord } from '../domain/words.ts';
import type { Db } from './db.ts';

interface Row extends Pick<FaultRecord, 'kind' | 'target'> {
  readonly state: ChangeState;
  /** UTC ms. */
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly seen: 0 | 1;
}

/** Steps that are journalled when the effect was read back, not when it was ordered. */
const seen = ['frozen', 'seen'] as const;

const undos = { open: 'unknown', residue: 'residue', undone: 'clean', done: 'clean' } as const satisfies Record<
  ChangeState,
  FaultRecord['undo']
>;

/** What the run did to the world, in the order in which it was done: nothing but what the journal says. */
export function readFaults(db: Db, run: number): FaultRecord[] {
  const rows = db.all<Row>(
    `SELECT kind, target, state, opened_at AS openedAt, closed_at AS closedAt,
       EXISTS (SELECT 1 FROM change_steps WHERE change = changes.id AND name IN (${seen.map(() => '?').join(', ')})) AS seen
     FROM changes WHERE run = ? ORDER BY id`,
    ...seen,
    run,
  );
  return rows.map(({ kind, target, state, openedAt, closedAt, seen: wasSeen }) => ({
    kind,
    target,
    injectedAt: instant(openedAt),
    undoneAt: state === 'undone' && closedAt !== null ? instant(closedAt) : null,
    // a change is done only when it was read back
    effect: state === 'done' || wasSeen === 1 ? 'proven' : 'not-seen',
    undo: undos[state],
  }));
}
