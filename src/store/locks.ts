import type { Clock } from '../domain/clock.ts';
import type { Db } from './db.ts';
import { runNumber } from './run-row.ts';

export interface LockKey {
  readonly engineId: string;
  readonly containerId: string;
  /** The container's name: a recreated container has another id and the same name. */
  readonly name: string;
}

export interface HeldLock extends LockKey {
  readonly runId: string;
  /** UTC ms. */
  readonly at: number;
}

export interface Locks {
  /** All of them, or none and who holds the first that is taken: `run …`, or the evidence for which it is frozen. A run may ask again for what it holds. */
  acquire(runId: string, keys: readonly LockKey[]): null | { readonly holder: string; readonly name: string };
  release(runId: string): void;
  held(): HeldLock[];
}

/** A lock outlives its process on purpose: until a dead run is reconciled, its targets may be half done. */
export function createLocks(db: Db, clock: Clock): Locks {
  return {
    acquire(runId, keys) {
      return db.transaction(() => {
        const run = runNumber(db, runId);
        for (const { engineId, containerId, name } of keys) {
          const taken = db.get<{ holder: string }>(
            `SELECT runs.id AS holder FROM locks JOIN runs ON runs.n = locks.run
             WHERE locks.engine_id = ? AND (container_id = ? OR name = ?) AND run <> ?`,
            engineId,
            containerId,
            name,
            run,
          );
          if (taken !== undefined) return { holder: `run ${taken.holder}`, name };
          // by its id alone: another that has its name by now shows that it was renamed, or removed
          const frozen = db.get<{ id: string }>(
            `SELECT evidence_id AS id FROM holds JOIN evidence ON evidence.id = holds.evidence_id
             WHERE holds.engine_id = ? AND holds.container_id = ? AND holds.state <> 'released' AND run_id <> ?`,
            engineId,
            containerId,
            runId,
          );
          if (frozen !== undefined) return { holder: `evidence ${frozen.id}, which holds it frozen`, name };
        }
        for (const { engineId, containerId, name } of keys) {
          db.run(
            'INSERT INTO locks (engine_id, container_id, name, run, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
            engineId,
            containerId,
            name,
            run,
            clock.now(),
          );
        }
        return null;
      });
    },
    release: (runId) => void db.run('DELETE FROM locks WHERE run = (SELECT n FROM runs WHERE id = ?)', runId),
    held: () =>
      db.all<HeldLock>(
        `SELECT locks.engine_id AS engineId, container_id AS containerId, name, runs.id AS runId, at
         FROM locks JOIN runs ON runs.n = locks.run ORDER BY at, name`,
      ),
  };
}
