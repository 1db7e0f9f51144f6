import type { Clock } from '../domain/clock.ts';
import { type AuditFilter, type AuditPage, type AuditRow, auditColumns } from './audit-row.ts';
import { searchAudit } from './audit-search.ts';
import type { Db } from './db.ts';

export interface AuditStore {
  /** `seal` gives the hash of a row that is complete but for it; what the hash is made of is not the store's business. */
  append(entry: Omit<AuditRow, 'seq' | 'at' | 'prevHash' | 'hash'>, seal: (row: Omit<AuditRow, 'hash'>) => string): AuditRow;
  /** Oldest first. */
  after(seq: number, limit: number): AuditRow[];
  /** Newest first; `before` is the last number of the page before. */
  before(seq: number | null, limit: number): AuditRow[];
  /** Newest first, of those that match. */
  search(filter?: AuditFilter): AuditPage;
  /** The highest number that was ever given, also when its row is gone. */
  lastGiven(): number;
}

/** What the first row follows. */
export const auditOrigin = '0'.repeat(64);

export function createAuditStore(db: Db, clock: Clock): AuditStore {
  const lastGiven = () => db.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")?.seq ?? 0;
  const newest = (before: number, limit: number) =>
    db.all<AuditRow>(`SELECT ${auditColumns} FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?`, before, limit);
  return {
    append(entry, seal) {
      return db.transaction(() => {
        const [last] = newest(Number.MAX_SAFE_INTEGER, 1);
        const open = { ...entry, seq: lastGiven() + 1, at: clock.now(), prevHash: last?.hash ?? auditOrigin };
        const row = { ...open, hash: seal(open) };
        db.run(
          'INSERT INTO audit (seq, at, who, role, act, object, source, data, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
          row.seq,
          row.at,
          row.who,
          row.role,
          row.act,
          row.object,
          row.source,
          row.data,
          row.prevHash,
          row.hash,
        );
        return row;
      });
    },
    after: (seq, limit) => db.all<AuditRow>(`SELECT ${auditColumns} FROM audit WHERE seq > ? ORDER BY seq LIMIT ?`, seq, limit),
    before: (seq, limit) => newest(seq ?? Number.MAX_SAFE_INTEGER, limit),
    search: (filter = {}) => searchAudit(db, filter, lastGiven()),
    lastGiven,
  };
}
