/** One act, as it stands in the log. */
export interface AuditRow {
  readonly seq: number;
  /** UTC ms. */
  readonly at: number;
  readonly who: string;
  readonly role: string;
  readonly act: string;
  readonly object: string | null;
  readonly source: string;
  /** JSON. */
  readonly data: string | null;
  readonly prevHash: string;
  readonly hash: string;
}

/** What became of an act: it was let through, turned away, or let through and then went wrong. */
export const auditOutcomes = ['allowed', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export interface AuditFilter {
  /** Default 50. */
  readonly limit?: number | undefined;
  /** Only rows older than this `seq`. */
  readonly before?: number | undefined;
  /** Whole names. */
  readonly who?: string | undefined;
  readonly act?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  /** UTC ms, `since` included and `until` not. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface AuditPage {
  readonly rows: readonly AuditRow[];
  /** `before` of the next page; null on the last. A page may be short, or empty, and still have a next one: only so many rows are looked through for one. */
  readonly next: number | null;
}

export const auditColumns = 'seq, at, who, role, act, object, source, data, prev_hash AS prevHash, hash';
