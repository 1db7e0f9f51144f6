import type { EndedRun, FoldedProof } from '../domain/fold-proof.ts';
import type { Proof, ProofState, ProofValue } from '../domain/proof.ts';
import type { ObjectiveBound, Severity, Unit } from '../domain/words.ts';
import type { Db } from './db.ts';

export interface Proofs {
  /** All that is known, in the order of engine, drill, kind, subject and item. As many as there are questions, however many runs there were. */
  all(): Proof[];
  /** Those of one service, or of one container that is of none. */
  ofSubject(subject: string): Proof[];
  /** Forgets what is known of a service that is gone; how many answers that were. */
  retire(subject: string): number;
  /** Likewise of one drill that is gone, on every engine. */
  retireDrill(drill: string): number;
  /** Grows whenever a proof changes. */
  version(): number;
}

interface Row {
  readonly engine: string;
  readonly drill: string;
  readonly kind: string;
  readonly subject: string;
  readonly item: string;
  readonly type: Proof['type'];
  readonly title: string;
  readonly severity: Severity;
  readonly state: ProofState;
  readonly targets: string;
  readonly broken_on: string;
  readonly waived_until: string | null;
  readonly unit: Unit | null;
  readonly objective: string | null;
  readonly recent: string;
  readonly best: number | null;
  readonly run_id: string;
  readonly at: number;
  readonly changed_at: number;
  readonly was: ProofState | null;
}

const order = 'ORDER BY engine, drill, kind, subject, item';

export function createProofs(db: Db): Proofs {
  return {
    all: () => db.all<Row>(`SELECT * FROM proofs ${order}`).map(asProof),
    ofSubject: (subject) => db.all<Row>(`SELECT * FROM proofs WHERE subject = ? ${order}`, subject).map(asProof),
    retire: (subject) => forget(db, 'DELETE FROM proofs WHERE subject = ?', subject),
    retireDrill: (drill) => forget(db, 'DELETE FROM proofs WHERE drill = ?', drill),
    version: () => proofsVersion(db),
  };
}

export function proofsVersion(db: Db): number {
  return Number(db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'proofs-version'")?.value ?? 0);
}

export function proofsOfDrill(db: Db, { engine, drill, kind }: Pick<EndedRun, 'engine' | 'drill' | 'kind'>): Proof[] {
  return db.all<Row>('SELECT * FROM proofs WHERE engine = ? AND drill = ? AND kind = ?', engine, drill, kind).map(asProof);
}

/** Within a transaction of the caller's. */
export function saveProofs(db: Db, { set, removed }: FoldedProof): void {
  for (const { engine, drill, kind, subject, item } of removed) {
    db.run(
      'DELETE FROM proofs WHERE engine = ? AND drill = ? AND kind = ? AND subject = ? AND item = ?',
      engine,
      drill,
      kind,
      subject,
      item,
    );
  }
  for (const proof of set) {
    db.run(
      `INSERT OR REPLACE INTO proofs (engine, drill, kind, subject, item, type, title, severity, state, targets, broken_on, waived_until, unit,
         objective, recent, best, run_id, at, changed_at, was)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      proof.engine,
      proof.drill,
      proof.kind,
      proof.subject,
      proof.item,
      proof.type,
      proof.title,
      proof.severity,
      proof.state,
      JSON.stringify(proof.targets),
      JSON.stringify(proof.brokenOn),
      proof.waivedUntil,
      proof.unit,
      proof.objective === null ? null : JSON.stringify(proof.objective),
      JSON.stringify(proof.recent),
      proof.best,
      proof.runId,
      proof.at,
      proof.changedAt,
      proof.was,
    );
  }
  if (set.length + removed.length > 0) grow(db);
}

function forget(db: Db, sql: string, name: string): number {
  return db.transaction(() => {
    const { changes } = db.run(sql, name);
    if (changes > 0) grow(db);
    return changes;
  });
}

function grow(db: Db): void {
  db.run("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'proofs-version'");
}

function asProof(row: Row): Proof {
  return {
    engine: row.engine,
    drill: row.drill,
    kind: row.kind,
    subject: row.subject,
    item: row.item,
    type: row.type,
    title: row.title,
    severity: row.severity,
    state: row.state,
    targets: listOf<string>(row.targets),
    brokenOn: listOf<string>(row.broken_on),
    waivedUntil: row.waived_until,
    unit: row.unit,
    objective: row.objective === null ? null : (JSON.parse(row.objective) as ObjectiveBound),
    recent: listOf<ProofValue>(row.recent),
    best: row.best,
    runId: row.run_id,
    at: row.at,
    changedAt: row.changed_at,
    was: row.was,
  };
}

/** Most lists are empty, and there may be tens of thousands of them. */
function listOf<T>(text: string): readonly T[] {
  return text === '[]' ? [] : (JSON.parse(text) as T[]);
}
