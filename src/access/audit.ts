import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { instant } from '../domain/clock.ts';
import type { Json } from '../domain/journal.ts';
import { auditOrigin } from '../store/audit.ts';
import type { AuditFilter, AuditOutcome, AuditRow } from '../store/audit-row.ts';
import type { Store } from '../store/store.ts';
import { canonicalJson } from './canonical.ts';

/** Who did what on what, from where. Names and ids, never a secret. */
export interface AuditEntry {
  readonly who: string;
  /** `local` for the command line, `none` for a caller without a token. */
  readonly role: string;
  /** `halt`, `run`, `token create`, … */
  readonly act: string;
  readonly object: string | null;
  /** `command line`, `api 127.0.0.1`, … */
  readonly source: string;
  readonly data: Readonly<Record<string, unknown>> | null;
}

export interface AuditRecord extends AuditEntry {
  readonly seq: number;
  readonly at: string;
  readonly hash: string;
}

export interface FoundAct extends AuditRecord {
  readonly outcome: AuditOutcome;
}

export interface AuditLog {
  /** Durable when it returns. */
  record(entry: AuditEntry): AuditRecord;
  /** Newest first; `limit` default 50. */
  list(filter?: { readonly limit?: number | undefined; readonly before?: number | undefined }): AuditRecord[];
}

export type AuditVerdict =
  /** `head` is the last row's hash: noted elsewhere, it also proves later that the log was not rewritten as a whole. */
  | { readonly ok: true; readonly rows: number; readonly head: string }
  /** The first row that is not as it was written. */
  | { readonly ok: false; readonly rows: number; readonly seq: number; readonly problem: string };

type AuditHolder = Pick<Store, 'audit'>;

/** Rows that are read at once while verifying: some 10 ms of work. */
const page = 1000;

export function openAudit(store: AuditHolder): AuditLog {
  return {
    record({ data, ...entry }) {
      return asRecord(store.audit.append({ ...entry, data: data === null ? null : canonicalJson(data as Json) }, seal));
    },
    list: ({ limit = 50, before } = {}) => store.audit.before(before ?? null, limit).map(asRecord),
  };
}

/** Newest first, of those that match. `next`: `before` of the next page, null on the last; a page may be short and still have a next one. */
export function searchAudit(
  store: AuditHolder,
  filter: AuditFilter,
): { readonly entries: readonly FoundAct[]; readonly next: number | null } {
  const { rows, next } = store.audit.search(filter);
  const entries = rows.map(asRecord).map((record) => ({ ...record, outcome: outcomeOf(record.data) }));
  return { entries, next };
}

/** Walks the whole chain. Sees rows that were changed, taken out, put in between, or cut off the end. */
export function verifyAudit(store: AuditHolder): AuditVerdict {
  const walk = verifying(store);
  for (;;) {
    const step = walk.next();
    if (step.done === true) return step.value;
  }
}

/** The same, with room for others in between: a long log takes seconds. */
export async function verifyAuditAside(store: AuditHolder): Promise<AuditVerdict> {
  const walk = verifying(store);
  for (;;) {
    const step = walk.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}

function* verifying(store: AuditHolder): Generator<void, AuditVerdict> {
  let rows = 0;
  let last = { seq: 0, hash: auditOrigin };
  for (let batch = store.audit.after(0, page); batch.length > 0; batch = store.audit.after(last.seq, page)) {
    for (const { hash, ...row } of batch) {
      const problem = problemOf(row, hash, last);
      if (problem !== null) return { ok: false, rows, seq: row.seq, problem };
      rows += 1;
      last = { seq: row.seq, hash };
    }
    yield;
  }
  const given = store.audit.lastGiven();
  if (given > last.seq) return { ok: false, rows, seq: last.seq + 1, problem: `rows ${last.seq + 1} to ${given} are missing at the end` };
  return { ok: true, rows, head: last.hash };
}

function problemOf(row: Omit<AuditRow, 'hash'>, hash: string, last: { readonly seq: number; readonly hash: string }): string | null {
  if (row.seq !== last.seq + 1) return `row ${last.seq + 1} is missing before it`;
  if (row.prevHash !== last.hash) return 'it does not follow the row before it';
  return hash === seal(row) ? null : 'its content is not what was written';
}

/** The first line keeps this hash from being taken for one of any other chain of ours. */
function seal(row: Omit<AuditRow, 'hash'>): string {
  return createHash('sha256')
    .update(`pitwall audit 1\n${canonicalJson({ ...row })}`)
    .digest('hex');
}

function asRecord({ seq, at, who, role, act, object, source, data, hash }: AuditRow): AuditRecord {
  const parsed = data === null ? null : asData(data);
  return { seq, at: instant(at), who, role, act, object, source, data: parsed, hash };
}

/** Somebody with the file may have written anything: that must not keep the rest of the log from being read. */
function asData(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  } catch {
    // said below
  }
  return { unreadable: text };
}

/** As the store's search sees it. Where a row does not say (the command line writes before it does), the act was let through. */
function outcomeOf(data: Readonly<Record<string, unknown>> | null): AuditOutcome {
  const said = data?.outcome ?? data?.decision;
  return said === 'refused' || said === 'failed' ? said : 'allowed';
}
