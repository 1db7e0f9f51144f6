import { InvalidError } from '../domain/errors.ts';
import type { ArtifactRecord, Finding, Measurement, RunRecord, TargetRecord } from '../domain/words.ts';
import type { Db } from './db.ts';
import { readFaults } from './run-faults.ts';
import { asSummary, type SummaryRow, summaryColumns } from './run-row.ts';

interface RecordRow extends SummaryRow {
  readonly seed: string;
  readonly definition: string;
  readonly evidence: string;
  readonly residue: string;
}

/** By the whole id or any unique beginning of it. Throws InvalidError `run_ambiguous`. */
export function readRecord(db: Db, idOrPrefix: string): RunRecord | null {
  const id = resolveRun(db, idOrPrefix);
  if (id === null) return null;
  const row = db.get<RecordRow>(
    `SELECT ${summaryColumns}, seed, definitions.sha256 AS definition, evidence, residue
     FROM runs JOIN definitions ON definitions.n = runs.definition WHERE id = ?`,
    id,
  );
  if (row === undefined) return null;
  const { targetCount: _, exitCode: __, ...summary } = asSummary(row);
  return {
    ...summary,
    seed: row.seed,
    definition: row.definition,
    targets: readTargets(db, row.n),
    measurements: readMeasurements(db, row.n),
    findings: readFindings(db, row.n),
    evidence: JSON.parse(row.evidence) as string[],
    faults: readFaults(db, row.n),
    artifacts: db.all<ArtifactRecord>(
      'SELECT name, media_type AS mediaType, sha256, bytes FROM artifacts WHERE run = ? ORDER BY id',
      row.n,
    ),
    residue: JSON.parse(row.residue) as string[],
  };
}

/** Ids are upper case; a beginning may be typed in either. */
export function resolveRun(db: Db, idOrPrefix: string): string | null {
  const prefix = idOrPrefix.toUpperCase();
  // `~` is behind every character of an id.
  const found = db.all<{ id: string }>('SELECT id FROM runs WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 2', prefix, `${prefix}~`);
  if (found.length < 2) return found[0]?.id ?? null;
  if (found.some((row) => row.id === prefix)) return prefix;
  throw new InvalidError('run_ambiguous', `"${idOrPrefix}" is the beginning of more than one run`, {
    hint: `give more of it: ${found.map((row) => row.id).join(' or ')}`,
  });
}

export function readTargets(db: Db, run: number): TargetRecord[] {
  return db.all<TargetRecord>(
    'SELECT container_id AS id, name, service, image, outcome, left_out AS leftOut FROM run_targets WHERE run = ? ORDER BY seq',
    run,
  );
}

export function readMeasurements(db: Db, run: number): Measurement[] {
  type Row = Omit<Measurement, 'objective' | 'met'> & { readonly objective: string | null; readonly met: number | null };
  const rows = db.all<Row>('SELECT name, target, value, unit, objective, met FROM measurements WHERE run = ? ORDER BY seq', run);
  return rows.map((row) => ({
    ...row,
    objective: row.objective === null ? null : (JSON.parse(row.objective) as Measurement['objective']),
    met: row.met === null ? null : row.met === 1,
  }));
}

function readFindings(db: Db, run: number): Finding[] {
  return db.all<Finding>(
    'SELECT probe, title, target, state, severity, evidence, waived_until AS waivedUntil FROM findings WHERE run = ? ORDER BY seq',
    run,
  );
}
