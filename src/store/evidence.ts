import { InvalidError } from '../domain/errors.ts';
import type { Disposition, EvidenceCase, EvidenceContainer, EvidenceState, Hold, MemoryMode, Seal } from '../domain/evidence.ts';
import type { Trigger } from '../domain/words.ts';
import type { Db } from './db.ts';
import { type HoldRow, toHold } from './holds.ts';

export interface NewCase {
  /** `ev_` and a ULID. */
  readonly id: string;
  readonly runId: string;
  readonly engine: string;
  readonly engineId: string;
  readonly container: EvidenceContainer;
  readonly reason: string | null;
  readonly actor: string;
  readonly trigger: Trigger;
  readonly disposition: Disposition;
  readonly memory: MemoryMode;
  /** UTC ms. */
  readonly requestedAt: number;
}

/** What becomes known of a case as it goes on. */
export type CaseChange = Partial<
  Pick<EvidenceCase, 'state' | 'frozenAt' | 'sealedAt' | 'bytes' | 'coverage' | 'seal' | 'committedImage' | 'push' | 'prunedAt'>
>;

export interface EvidenceFilter {
  readonly runId?: string | undefined;
  readonly state?: EvidenceState | undefined;
  /** Those whose container is held now. */
  readonly held?: boolean | undefined;
  /** Those that wait for the registry. */
  readonly pending?: boolean | undefined;
  /** A container's whole id. */
  readonly containerId?: string | undefined;
  readonly limit?: number | undefined;
  /** Older than this id. */
  readonly before?: string | undefined;
}

export interface EvidenceStore {
  open(added: NewCase): void;
  /** By the whole id or a unique beginning, with or without `ev_`; throws InvalidError `evidence_ambiguous`. */
  get(idOrPrefix: string): EvidenceCase | null;
  /** Newest first. */
  list(filter?: EvidenceFilter): EvidenceCase[];
  update(id: string, change: CaseChange): void;
}

interface Row {
  readonly id: string;
  readonly run_id: string;
  readonly engine: string;
  readonly engine_id: string;
  readonly container: string;
  readonly state: EvidenceState;
  readonly reason: string | null;
  readonly actor: string;
  readonly trigger: Trigger;
  readonly disposition: Disposition;
  readonly memory: MemoryMode;
  readonly requested_at: number;
  readonly frozen_at: number | null;
  readonly sealed_at: number | null;
  readonly bytes: number;
  readonly coverage: number | null;
  readonly seal: Seal['state'] | null;
  readonly committed_image: string | null;
  readonly push_state: EvidenceCase['push']['state'];
  readonly push_reference: string | null;
  readonly push_note: string | null;
  readonly pruned_at: number | null;
}

export function createEvidence(db: Db): EvidenceStore {
  const withHold = (row: Row): EvidenceCase => {
    const hold = db.get<HoldRow>('SELECT * FROM holds WHERE evidence_id = ?', row.id);
    return toCase(row, hold === undefined ? null : toHold(hold));
  };
  return {
    open(added) {
      const { container } = added;
      db.run(
        `INSERT INTO evidence (id, run_id, engine, engine_id, container, container_id, container_name, state, reason, actor, trigger, disposition, memory, requested_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'capturing', ?, ?, ?, ?, ?, ?)`,
        added.id,
        added.runId,
        added.engine,
        added.engineId,
        JSON.stringify(container),
        container.id,
        container.name,
        added.reason,
        added.actor,
        added.trigger,
        added.disposition,
        added.memory,
        added.requestedAt,
      );
    },
    get(idOrPrefix) {
      const prefix = idOrPrefix.startsWith('ev_') ? idOrPrefix : `ev_${idOrPrefix}`;
      const found = db.all<Row>('SELECT * FROM evidence WHERE id >= ? AND id < ? LIMIT 2', prefix, `${prefix}\u{10ffff}`);
      const exact = found.find((row) => row.id === prefix);
      if (exact === undefined && found.length > 1) {
        throw new InvalidError('evidence_ambiguous', `${idOrPrefix} is the beginning of more than one case`, {
          hint: 'pitwall evidence list',
        });
      }
      const row = exact ?? found[0];
      return row === undefined ? null : withHold(row);
    },
    list(filter = {}) {
      const conditions = ['1'];
      const values: (string | number)[] = [];
      const add = (sql: string, value?: string | number) => {
        conditions.push(sql);
        if (value !== undefined) values.push(value);
      };
      if (filter.runId !== undefined) add('run_id = ?', filter.runId);
      if (filter.state !== undefined) add('state = ?', filter.state);
      if (filter.containerId !== undefined) add('container_id = ?', filter.containerId);
      if (filter.before !== undefined) add('id < ?', filter.before);
      if (filter.pending === true) add("push_state = 'pending'");
      if (filter.held === true) add("id IN (SELECT evidence_id FROM holds WHERE state <> 'released')");
      const sql = `SELECT * FROM evidence WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`;
      return db.all<Row>(sql, ...values, filter.limit ?? -1).map(withHold);
    },
    update(id, change) {
      const columns: [string, string | number | null][] = [];
      const set = (column: string, value: string | number | null | undefined) => {
        if (value !== undefined) columns.push([column, value]);
      };
      set('state', change.state);
      set('frozen_at', change.frozenAt);
      set('sealed_at', change.sealedAt);
      set('bytes', change.bytes);
      set('coverage', change.coverage);
      set('seal', change.seal);
      set('committed_image', change.committedImage);
      set('pruned_at', change.prunedAt);
      set('push_state', change.push?.state);
      set('push_reference', change.push?.reference);
      set('push_note', change.push?.note);
      if (columns.length === 0) return;
      const { changes } = db.run(
        `UPDATE evidence SET ${columns.map(([column]) => `${column} = ?`).join(', ')} WHERE id = ?`,
        ...columns.map(([, value]) => value),
        id,
      );
      if (changes === 0) throw new Error(`case ${id} is not known`);
    },
  };
}

function toCase(row: Row, hold: Hold | null): EvidenceCase {
  return {
    id: row.id,
    runId: row.run_id,
    engine: row.engine,
    engineId: row.engine_id,
    container: JSON.parse(row.container) as EvidenceContainer,
    state: row.state,
    reason: row.reason,
    actor: row.actor,
    trigger: row.trigger,
    disposition: row.disposition,
    memory: row.memory,
    requestedAt: row.requested_at,
    frozenAt: row.frozen_at,
    sealedAt: row.sealed_at,
    bytes: row.bytes,
    coverage: row.coverage,
    seal: row.seal,
    committedImage: row.committed_image,
    push: { state: row.push_state, reference: row.push_reference, note: row.push_note },
    prunedAt: row.pruned_at,
    hold,
  };
}
