import type { ArtifactRecord, Finding, Measurement, TargetRecord } from '../domain/words.ts';
import { type Artifact, readArtifact, saveArtifact } from './artifacts.ts';
import type { Db } from './db.ts';
import { runNumber } from './run-row.ts';

/** What a run gathers while it goes on. */
export interface RunParts {
  /** Replaces the whole list. */
  saveTargets(runId: string, targets: readonly TargetRecord[]): void;
  setOutcome(runId: string, containerId: string, outcome: string): void;
  addMeasurement(runId: string, measurement: Measurement): void;
  /** All of them in one durable step. */
  addFindings(runId: string, findings: readonly Finding[]): void;
  /** One of the same name is replaced. */
  addArtifact(runId: string, name: string, mediaType: string, content: Buffer | string): ArtifactRecord;
  artifact(runId: string, name: string): Artifact | null;
  setEvidence(runId: string, evidence: readonly string[]): void;
}

export function createRunParts(db: Db): RunParts {
  const number = (runId: string) => runNumber(db, runId);
  return {
    saveTargets(runId, targets) {
      db.transaction(() => {
        const run = number(runId);
        db.run('DELETE FROM run_targets WHERE run = ?', run);
        for (const [seq, { id, name, service, image, outcome, leftOut }] of targets.entries()) {
          const sql =
            'INSERT INTO run_targets (run, seq, container_id, name, service, image, outcome, left_out) VALUES (?, ?, ?, ?, ?, ?, ?, ?)';
          db.run(sql, run, seq, id, name, service, image, outcome, leftOut);
        }
        db.run('UPDATE runs SET target_count = ? WHERE n = ?', targets.filter((target) => target.leftOut === null).length, run);
      });
    },
    setOutcome(runId, containerId, outcome) {
      db.run('UPDATE run_targets SET outcome = ? WHERE run = ? AND container_id = ?', outcome, number(runId), containerId);
    },
    addMeasurement(runId, { name, target, value, unit, objective, met }) {
      const run = number(runId);
      const bound = objective === null ? null : JSON.stringify(objective);
      db.run(
        `INSERT INTO measurements (run, seq, name, target, value, unit, objective, met)
         VALUES (?, (SELECT coalesce(max(seq), 0) + 1 FROM measurements WHERE run = ?), ?, ?, ?, ?, ?, ?)`,
        run,
        run,
        name,
        target,
        value,
        unit,
        bound,
        met === null ? null : Number(met),
      );
    },
    addFindings(runId, findings) {
      const run = number(runId);
      const sql = `INSERT INTO findings (run, seq, probe, title, target, state, severity, evidence, waived_until)
         VALUES (?, (SELECT coalesce(max(seq), 0) + 1 FROM findings WHERE run = ?), ?, ?, ?, ?, ?, ?, ?)`;
      db.transaction(() => {
        for (const { probe, title, target, state, severity, evidence, waivedUntil } of findings)
          db.run(sql, run, run, probe, title, target, state, severity, evidence, waivedUntil);
      });
    },
    addArtifact: (runId, name, mediaType, content) => saveArtifact(db, number(runId), name, mediaType, content),
    artifact: (runId, name) => readArtifact(db, number(runId), name),
    setEvidence(runId, evidence) {
      db.run('UPDATE runs SET evidence = ? WHERE n = ?', JSON.stringify(evidence), number(runId));
    },
  };
}
