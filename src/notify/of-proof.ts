import { instant } from '../domain/clock.ts';
import { formatDuration } from '../domain/duration.ts';
import type { Notice, NoticeType } from '../domain/notice.ts';

/** Proof of one drill that will soon count for nothing; how soon is soon is the scorecard's rule. */
export interface ExpiringProof {
  /** Empty for runs without a drill. */
  readonly drill: string;
  readonly kind: string;
  readonly engine: string | null;
  /** How many answers it is. */
  readonly items: number;
  /** UTC ms of the first that expires. */
  readonly expiresAt: number;
}

/** One a drill and expiry, however many probes it has: the same drill renews them all. */
export function proofNotice(proof: ExpiringProof, now: number): Notice & { readonly types: readonly NoticeType[] } {
  const { drill, kind, engine, items, expiresAt } = proof;
  const what = drill === '' ? `${kind} on demand` : drill;
  const left = expiresAt - now;
  const when = left > 0 ? `expires in ${formatDuration(Math.ceil(left / 60_000) * 60_000)}` : 'has expired';
  return {
    key: `proof-expiring ${engine ?? ''} ${drill} ${kind} ${expiresAt}`,
    type: 'proof-expiring',
    types: ['proof-expiring'],
    at: now,
    subject: what,
    message: `what ${what} has proven (${kind}, ${items} ${items === 1 ? 'answer' : 'answers'}) ${when}: run it again`,
    data: { drill: drill === '' ? null : drill, kind, engine, items, expiresAt: instant(expiresAt) },
  };
}
