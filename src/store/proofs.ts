import type { EndedRun, FoldedProof } from '../domain/fold-proof.ts';
import type { Proof, ProofState, ProofValue } from '../domain/proof.ts';
import type { ObjectiveBound, Severity, Unit } from '../domain/words.ts';
import type { Db } from './db.ts';

export interface Proofs {
  /** All that is known, in the order of engine, drill, kind, subject and item. As many as there are questions, however many runs there were. */
  all(): Proof[];
  /** Those of one service, or of one container that is of none. */
  ofSubject(subject: string): Proof[];
  /** The containers on which a drill last found something broken. */
  brokenOn(of: { readonly engine: string; readonly drill: string; readonly kind: string }): readonly string[];
  /** Forgets what is known of a service that is gone; how many answers that were. */
  retire(subject: string, item?: string): number;
  /** Likewise of one drill that is gone, on every engine. */
  retireDrill(drill: string): number;
  /** Grows whenever a proof changes. */
  version(): number;
}

type Row = readonly [
  engine: string,
  drill: string,
  kind: string,
  subject: string,
  item: string,
  type: Proof['type'],
  title: string,
  severity: Severity,
  state: ProofState,
  targets: string,
  brokenOn: string,
  waivedUntil: string | null,
  unit: Unit | null,
  objective: string | null,
  recent: string,
  best: number | null,
  runId: string,
  at: number,
  changedAt: number,
  was: ProofState | null,
];

const columns = `engine, drill, kind, subject, item, type, title, severity, state, targets, broken_on, waived_until, unit, objective, recent, best,
  run_id, at, changed_at, was`;
const order = 'ORDER BY engine, drill, kind, subject, type, item';

export function createProofs(db: Db): Proofs {
  return {
    all: () => proofsWhere(db, `TRUE ${order}`),
    ofSubject: (subject) => proofsWhere(db, `subject = ? ${order}`, subject),
    brokenOn: (of) =>
      [...new Set(proofsOfDrill(db, of).flatMap((proof) => (proof.type === 'finding' ? proof.brokenOn : [])))].filter(
        (name) => name !== '',
      ),
    retire: (subject, item) =>
      item === undefined
        ? forget(db, 'DELETE FROM proofs WHERE subject = ?', subject)
        : forget(db, 'DELETE FROM proofs WHERE subject = ? AND item = ?', subject, item),
    retireDrill: (drill) => forget(db, 'DELETE FROM proofs WHERE drill = ?', drill),
    version: () => proofsVersion(db),
  };
}

export function proofsVersion(db: Db): number {
  return Number(db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'proofs-version'")?.value ?? 0);
}

export function proofsOfDrill(db: Db, { engine, drill, kind }: Pick<EndedRun, 'engine' | 'drill' | 'kind'>): Proof[] {
  return proofsWhere(db, 'engine = ? AND drill = ? AND kind = ?', engine, drill, kind);
}

/** Within a transaction of the caller's. */
export function saveProofs(db: Db, { set, removed }: FoldedProof): void {
  for (const { engine, drill, kind, subject, type, item } of removed) {
    db.run(
      'DELETE FROM proofs WHERE engine = ? AND drill = ? AND kind = ? AND subject = ? AND type = ? AND item = ?',
      engine,
      drill,
      kind,
      subject,
      type,
      item,
    );
  }
  for (const proof of set) {
    db.run(
      `INSERT OR REPLACE INTO proofs (${columns})
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

function forget(db: Db, sql: string, ...names: readonly string[]): number {
  return db.transaction(() => {
    const { changes } = db.run(sql, ...names);
    if (changes > 0) grow(db);
    return changes;
  });
}

function grow(db: Db): void {
  db.run("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'proofs-version'");
}

function proofsWhere(db: Db, condition: string, ...values: string[]): Proof[] {
  const listOf = createLists();
  return db.map<Row, Proof>(
    `SELECT ${columns} FROM proofs WHERE ${condition}`,
    (row) => ({
      engine: row[0],
      drill: row[1],
      kind: row[2],
      subject: row[3],
      item: row[4],
      type: row[5],
      title: row[6],
      severity: row[7],
      state: row[8],
      targets: listOf(row[9]),
      brokenOn: listOf(row[10]),
      waivedUntil: row[11],
      unit: row[12],
      objective: row[13] === null ? null : (JSON.parse(row[13]) as ObjectiveBound),
      recent: row[14] === '[]' ? [] : (JSON.parse(row[14]) as ProofValue[]),
      best: row[15],
      runId: row[16],
      at: row[17],
      changedAt: row[18],
      was: row[19],
    }),
    ...values,
  );
}

/** The names of containers: most proofs of a service are of the same ones, and there may be tens of thousands of proofs. */
function createLists(): (text: string) => readonly string[] {
  const known = new Map<string, readonly string[]>([['[]', []]]);
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = JSON.parse(text) as string[];
    known.set(text, made);
    return made;
  };
}
