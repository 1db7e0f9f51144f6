import type { Clock } from '../domain/clock.ts';
import { RefusedError } from '../domain/errors.ts';
import type { ExpiryPolicy, Hold, HoldState } from '../domain/evidence.ts';
import type { Json } from '../domain/journal.ts';
import type { Db } from './db.ts';
import type { Processes } from './processes.ts';

export interface NewHold {
  readonly evidenceId: string;
  readonly engine: string;
  readonly engineId: string;
  readonly containerId: string;
  readonly containerName: string;
  readonly foreign: boolean;
  /** UTC ms. */
  readonly deadline: number;
  readonly onExpiry: ExpiryPolicy;
}

export type HoldChange = Partial<Pick<Hold, 'containerName' | 'deadline' | 'onExpiry' | 'noticedAt'>> & {
  readonly state?: Exclude<HoldState, 'released'>;
};

/** Which containers are held frozen, and until when. */
export interface Holds {
  /** Throws RefusedError `held` when the container is held already. */
  open(added: NewHold): void;
  get(evidenceId: string): Hold | null;
  /** Not released, the next deadline first. */
  current(filter?: { readonly engineId?: string | undefined }): Hold[];
  /** Of a container, by its whole id or its name. */
  of(engineId: string, container: string): Hold | null;
  update(evidenceId: string, change: HoldChange): void;
  /** `ending`: how, in a few words. One that was released before stays as it was. */
  release(evidenceId: string, ending: string): void;
  /** What letting go of it will need, whoever does it: its networks, its restart policy, its name. Null until something is kept. */
  kept(evidenceId: string): Json;
  keep(evidenceId: string, kept: Json): void;
  /** For whoever moves it on, until `unclaim`: false when a living process has it, this one included, or it is released. */
  claim(evidenceId: string, processId: number): boolean;
  unclaim(evidenceId: string): void;
  /** False when another process has given notice since `last`. */
  notice(evidenceId: string, last: number | null): boolean;
}

export interface HoldRow {
  readonly evidence_id: string;
  readonly engine: string;
  readonly engine_id: string;
  readonly container_id: string;
  readonly container_name: string;
  readonly state: HoldState;
  readonly is_foreign: number;
  readonly since: number;
  readonly deadline: number;
  readonly on_expiry: ExpiryPolicy;
  readonly noticed_at: number | null;
  readonly ended_at: number | null;
  readonly ending: string | null;
  readonly kept: string | null;
  readonly claimed_by: number | null;
}

export function createHolds(db: Db, clock: Clock, processes: Pick<Processes, 'isAlive'>): Holds {
  const of: Holds['of'] = (engineId, container) => {
    const row = db.get<HoldRow>(
      "SELECT * FROM holds WHERE engine_id = ? AND (container_id = ? OR container_name = ?) AND state <> 'released'",
      engineId,
      container,
      container,
    );
    return row === undefined ? null : toHold(row);
  };
  return {
    open(added) {
      db.transaction(() => {
        const taken = of(added.engineId, added.containerId);
        if (taken !== null) {
          throw new RefusedError('held', `${added.containerName} is held frozen as evidence ${taken.evidenceId}`, {
            hint: `pitwall release ${taken.evidenceId} --to resume|kill|quarantine|replace`,
          });
        }
        db.run(
          `INSERT INTO holds (evidence_id, engine, engine_id, container_id, container_name, state, is_foreign, since, deadline, on_expiry)
           VALUES (?, ?, ?, ?, ?, 'freezing', ?, ?, ?, ?)`,
          added.evidenceId,
          added.engine,
          added.engineId,
          added.containerId,
          added.containerName,
          Number(added.foreign),
          clock.now(),
          added.deadline,
          added.onExpiry,
        );
      });
    },
    get(evidenceId) {
      const row = db.get<HoldRow>('SELECT * FROM holds WHERE evidence_id = ?', evidenceId);
      return row === undefined ? null : toHold(row);
    },
    current(filter = {}) {
      const rows = db.all<HoldRow>("SELECT * FROM holds WHERE state <> 'released' ORDER BY deadline, evidence_id");
      return rows.map(toHold).filter((hold) => filter.engineId === undefined || hold.engineId === filter.engineId);
    },
    of,
    update(evidenceId, change) {
      const columns: [string, string | number | null][] = [];
      if (change.state !== undefined) columns.push(['state', change.state]);
      if (change.containerName !== undefined) columns.push(['container_name', change.containerName]);
      if (change.deadline !== undefined) columns.push(['deadline', change.deadline]);
      if (change.onExpiry !== undefined) columns.push(['on_expiry', change.onExpiry]);
      if (change.noticedAt !== undefined) columns.push(['noticed_at', change.noticedAt]);
      if (columns.length === 0) return;
      db.run(
        `UPDATE holds SET ${columns.map(([column]) => `${column} = ?`).join(', ')} WHERE evidence_id = ? AND state <> 'released'`,
        ...columns.map(([, value]) => value),
        evidenceId,
      );
    },
    release: (evidenceId, ending) =>
      void db.run(
        "UPDATE holds SET state = 'released', ended_at = ?, ending = ? WHERE evidence_id = ? AND state <> 'released'",
        clock.now(),
        ending,
        evidenceId,
      ),
    kept(evidenceId) {
      const kept = db.get<{ kept: string | null }>('SELECT kept FROM holds WHERE evidence_id = ?', evidenceId)?.kept;
      return kept === null || kept === undefined ? null : (JSON.parse(kept) as Json);
    },
    keep: (evidenceId, kept) =>
      void db.run('UPDATE holds SET kept = ? WHERE evidence_id = ?', kept === null ? null : JSON.stringify(kept), evidenceId),
    claim: (evidenceId, processId) =>
      db.transaction(() => {
        const row = db.get<{ claimed_by: number | null }>(
          "SELECT claimed_by FROM holds WHERE evidence_id = ? AND state <> 'released'",
          evidenceId,
        );
        if (row === undefined) return false;
        if (row.claimed_by !== null && processes.isAlive(row.claimed_by)) return false;
        db.run('UPDATE holds SET claimed_by = ? WHERE evidence_id = ?', processId, evidenceId);
        return true;
      }),
    unclaim: (evidenceId) => void db.run('UPDATE holds SET claimed_by = NULL WHERE evidence_id = ?', evidenceId),
    notice: (evidenceId, last) =>
      db.run(
        "UPDATE holds SET noticed_at = ? WHERE evidence_id = ? AND noticed_at IS ? AND state <> 'released'",
        clock.now(),
        evidenceId,
        last,
      ).changes === 1,
  };
}

export function toHold(row: HoldRow): Hold {
  return {
    evidenceId: row.evidence_id,
    engine: row.engine,
    engineId: row.engine_id,
    containerId: row.container_id,
    containerName: row.container_name,
    state: row.state,
    foreign: row.is_foreign === 1,
    since: row.since,
    deadline: row.deadline,
    onExpiry: row.on_expiry,
    noticedAt: row.noticed_at,
    endedAt: row.ended_at,
    ending: row.ending,
  };
}
