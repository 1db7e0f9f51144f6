/**
 * The freezes that alerts asked for lately, read from the audit log, where each is written down before it is begun: a restart forgets none.
 * Each call reads only the rows that are new.
 */
import type { AuditLog } from '../../access/audit.ts';

export const alertAct = 'falco';

export interface PastFreeze {
  readonly seq: number;
  /** UTC ms. */
  readonly at: number;
  readonly engineId: string;
  /** Whole id. */
  readonly container: string;
  /** Which rule of `policy.freeze` it was, as `ruleKey` says. */
  readonly rule: string;
}

export interface FreezeHistory {
  /** Of the last hour, those that failed included. */
  begun(): readonly PastFreeze[];
  /** Nothing was frozen: it does not count against the rule. */
  hasFailed(freeze: PastFreeze): boolean;
}

export const hourMs = 3_600_000;
const page = 50;

/** @param now UTC ms. */
export function freezeHistory(audit: Pick<AuditLog, 'list'>, now: () => number): () => FreezeHistory {
  /** Oldest first. */
  let begun: PastFreeze[] = [];
  const failed = new Set<number>();
  let seen = 0;

  /** Newest first. */
  function* newRows(since: number) {
    for (let before: number | undefined; ; ) {
      const rows = audit.list({ limit: page, before });
      for (const row of rows) {
        if (row.seq <= seen || Date.parse(row.at) < since) return;
        yield row;
      }
      if (rows.length < page) return;
      before = rows.at(-1)?.seq;
    }
  }

  function read(): void {
    const since = now() - hourMs;
    const added: PastFreeze[] = [];
    let newest = seen;
    for (const { seq, at, act, data } of newRows(since)) {
      newest = Math.max(newest, seq);
      if (act !== alertAct || data === null) continue;
      const { decision, engineId, container, rule, of } = data;
      if (decision === 'failed' && typeof of === 'number') failed.add(of);
      if (decision !== 'freeze' || typeof engineId !== 'string' || typeof container !== 'string' || typeof rule !== 'string') continue;
      added.push({ seq, at: Date.parse(at), engineId, container, rule });
    }
    seen = newest;
    begun = [...begun, ...added.reverse()].filter((freeze) => freeze.at >= since);
    for (const seq of failed) if (!begun.some((freeze) => freeze.seq === seq)) failed.delete(seq);
  }

  return () => {
    read();
    return { begun: () => begun, hasFailed: (freeze) => failed.has(freeze.seq) };
  };
}
