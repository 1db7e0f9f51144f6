import type { Db } from './db.ts';
import { runNumber } from './run-row.ts';

/** One answer of a steady-state check. */
export interface Sample {
  readonly runId: string;
  readonly check: string;
  /** UTC ms. */
  readonly at: number;
  /** Monotonic ms since the run's start. */
  readonly offsetMs: number;
  readonly ok: boolean;
  readonly latencyMs: number | null;
  readonly error: string | null;
}

export interface Samples {
  /** One transaction. Not synced to disk at once: after a power cut the last moments may be missing, after a SIGKILL nothing is. */
  add(batch: readonly Sample[]): void;
  /** In the order of their offsets. */
  list(runId: string): Sample[];
}

export function createSamples(relaxed: () => Db): Samples {
  return {
    add(batch) {
      if (batch.length === 0) return;
      const db = relaxed();
      db.transaction(() => {
        for (const { runId, check, at, offsetMs, ok, latencyMs, error } of batch) {
          db.run(
            'INSERT INTO samples (run, check_name, at, offset_ms, ok, latency_ms, error) VALUES (?, ?, ?, ?, ?, ?, ?)',
            runNumber(db, runId),
            check,
            at,
            offsetMs,
            Number(ok),
            latencyMs,
            error,
          );
        }
      });
    },
    list(runId) {
      type Row = Omit<Sample, 'ok'> & { readonly ok: number };
      const rows = relaxed().all<Row>(
        `SELECT runs.id AS runId, check_name AS "check", at, offset_ms AS offsetMs, ok, latency_ms AS latencyMs, error
         FROM runs JOIN samples ON samples.run = runs.n WHERE runs.id = ? ORDER BY offset_ms, samples.id`,
        runId,
      );
      return rows.map((row) => ({ ...row, ok: row.ok === 1 }));
    },
  };
}
