import { type EndedRun, type FoldedProof, foldRun } from '../domain/fold-proof.ts';
import type { Proof } from '../domain/proof.ts';
import type { Verdict } from '../domain/words.ts';
import { addToDay, addValuesToDay } from './daily.ts';
import type { Db } from './db.ts';
import { proofsOfDrill, proofsVersion, saveProofs } from './proofs.ts';
import { readMeasurements, readTargets } from './run-record.ts';

interface Row {
  readonly n: number;
  readonly id: string;
  readonly drill: string | null;
  readonly kind: string;
  readonly verdict: Verdict;
  readonly engine_name: string;
  readonly residue: string;
  readonly ended_at: number;
  readonly duration_ms: number | null;
  readonly scored: 0 | 1;
}

const columns = 'n, id, drill, kind, verdict, engine_name, residue, ended_at, duration_ms, scored';

/**
 * Adds an ended run to its day, and, unless it proves nothing of what runs, to the proof and the values of its drill: once for each run, within
 * the transaction that ends it.
 */
export function rollUp(db: Db, runId: string, present?: readonly string[]): void {
  const row = db.get<Row>(`SELECT ${columns} FROM runs WHERE id = ?`, runId);
  if (row === undefined) return;
  if (row.scored === 1) add(db, row, (run) => proofsOfDrill(db, run), present ?? 'all');
  countDay(db, row);
}

/** Runs in one transaction. */
const batch = 500;

/** Told before the first step and after each of `batch` runs. @param total runs that are to be added up */
export type RollUpProgress = (done: number, total: number) => void;

/** Adds up the runs that had ended before the database knew how. Ended in the middle it goes on where it was; several processes share it. */
export function rollUpOld(db: Db, onProgress?: RollUpProgress): void {
  const whole = pending(db);
  if (whole === null) return;
  const total = whole.until - whole.after;
  onProgress?.(0, total);
  let known = new Map<string, Proof[]>();
  let version = -1;
  while (pending(db) !== null) {
    db.transaction(() => {
      const left = pending(db);
      if (left === null) return;
      // what another process added in between is read again
      if (proofsVersion(db) !== version) known = new Map();
      db.exec('CREATE INDEX IF NOT EXISTS runs_to_roll_up ON runs (ended_at, n)');
      const rows = db.all<Row>(
        `SELECT ${columns} FROM runs INDEXED BY runs_to_roll_up
         WHERE (ended_at, n) > (?, ?) AND n <= ? AND ended_at <= ? ORDER BY ended_at, n LIMIT ?`,
        left.at,
        left.after,
        left.until,
        left.endedBy,
        batch,
      );
      for (const row of rows) {
        const key = JSON.stringify([row.engine_name, row.drill, row.kind]);
        const before = known.get(key);
        const { set, removed } = add(db, row, (run) => before ?? proofsOfDrill(db, run), 'targets');
        countDay(db, row);
        if (before !== undefined) known.set(key, renewed(before, set, removed));
        else known.set(key, proofsOfDrill(db, { engine: row.engine_name, drill: row.drill ?? '', kind: row.kind }));
      }
      version = proofsVersion(db);
      const last = rows.at(-1);
      if (last === undefined || rows.length < batch) {
        db.run("DELETE FROM meta WHERE key = 'to-roll-up'");
        db.exec('DROP INDEX runs_to_roll_up');
      } else db.run("UPDATE meta SET value = ? WHERE key = 'to-roll-up'", JSON.stringify({ ...left, at: last.ended_at, after: last.n }));
    });
    onProgress?.((pending(db)?.after ?? whole.until) - whole.after, total);
  }
}

interface Pending {
  /** The end, UTC ms, and the number of the last one that was added. */
  readonly at: number;
  readonly after: number;
  readonly until: number;
  /** UTC ms. */
  readonly endedBy: number;
}

function pending(db: Db): Pending | null {
  const row = db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'to-roll-up'");
  return row === undefined ? null : (JSON.parse(row.value) as Pending);
}

function renewed(before: readonly Proof[], set: readonly Proof[], removed: readonly Proof[]): Proof[] {
  const key = ({ subject, type, item }: Proof) => JSON.stringify([subject, type, item]);
  const all = new Map(before.map((proof) => [key(proof), proof]));
  for (const proof of removed) all.delete(key(proof));
  for (const proof of set) all.set(key(proof), proof);
  return [...all.values()];
}

function countDay(db: Db, { ended_at: endedAt, drill, kind, verdict, duration_ms: durationMs }: Row): void {
  addToDay(db, { endedAt, drill: drill ?? '', kind, verdict }, durationMs ?? 0);
}

/** @returns what it changed. */
function add(db: Db, row: Row, before: (run: EndedRun) => readonly Proof[], present: EndedRun['present']): FoldedProof {
  const run = {
    runId: row.id,
    endedAt: row.ended_at,
    engine: row.engine_name,
    drill: row.drill ?? '',
    kind: row.kind,
    verdict: row.verdict,
    hasResidue: row.residue !== '[]',
    present,
    targets: readTargets(db, row.n),
    measurements: readMeasurements(db, row.n),
    findings: db.all<FindingRow>(
      'SELECT probe, title, target, state, severity, waived_until AS waivedUntil FROM findings WHERE run = ? ORDER BY seq',
      row.n,
    ),
  };
  const folded = foldRun(before(run), run);
  saveProofs(db, folded);
  addValuesToDay(db, run);
  return folded;
}

type FindingRow = Parameters<typeof foldRun>[1]['findings'][number];
