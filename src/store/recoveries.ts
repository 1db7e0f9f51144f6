import type { Db } from './db.ts';
import type { Processes } from './processes.ts';

/** Who settles what a dead process left: two undos at work on the same containers would undo each other. */
export interface Recoveries {
  /** False when another living process is at it. */
  claim(runId: string, processId: number): boolean;
  release(runId: string): void;
}

export function createRecoveries(db: Db, processes: Pick<Processes, 'isAlive'>): Recoveries {
  return {
    claim(runId, processId) {
      return db.transaction(() => {
        const holder = db.get<{ process_id: number }>('SELECT process_id FROM recoveries WHERE run_id = ?', runId)?.process_id;
        if (holder !== undefined && holder !== processId && processes.isAlive(holder)) return false;
        db.run(
          'INSERT INTO recoveries (run_id, process_id) VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE SET process_id = excluded.process_id',
          runId,
          processId,
        );
        return true;
      });
    },
    release: (runId) => void db.run('DELETE FROM recoveries WHERE run_id = ?', runId),
  };
}
