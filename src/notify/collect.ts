/** Finds what somebody should know and writes it to the outbox, once each, whichever process did it. */
import type { Clock } from '../domain/clock.ts';
import { oneLine } from '../domain/inert.ts';
import type { Notice, NoticeType } from '../domain/notice.ts';
import { redactText } from '../domain/redact.ts';
import type { Store } from '../store/store.ts';
import { type Bookmark, createEndedRuns } from './ended-runs.ts';
import { holdNotices, lostNotice } from './of-hold.ts';
import { type ExpiringProof, proofNotice } from './of-proof.ts';
import { runNotice } from './of-run.ts';

export interface CollectorOptions {
  readonly store: Pick<Store, 'runs' | 'holds' | 'notices' | 'control' | 'atOnce'>;
  readonly clock: Clock;
  readonly hooks: readonly { readonly name: string; readonly on: readonly NoticeType[] }[];
  /** What will prove nothing soon; asked now and then. */
  readonly expiring: () => readonly ExpiringProof[];
}

/** How often time alone may have made something worth telling. */
const lookEveryMs = 30_000;
const proofEveryMs = 3_600_000;
/** What ended while no `serve` ran is still worth telling for as long as this. */
const lostWithinMs = 7 * 86_400_000;
const longest = 1_000;
const mostKnown = 5_000;

type Told = Notice & { readonly types: readonly NoticeType[] };

/** Looks, and says how many notices it wrote; costs microseconds when nothing in the database has changed. */
export function createCollector({ store, clock, hooks, expiring }: CollectorOptions): () => number {
  const saved = () => readBookmark(store.notices.bookmark());
  let runs = createEndedRuns({ store, clock }, saved());
  let version = -1;
  let lookAt = Number.NEGATIVE_INFINITY;
  let proofAt = Number.NEGATIVE_INFINITY;
  let known = new Set<string>();

  const find = (now: number): Told[] => [
    ...runs.news().flatMap((run) => runNotice(run, () => store.runs.record(run.id)?.residue ?? [], now) ?? []),
    ...store.holds.current().flatMap((hold) => holdNotices(hold, now)),
    ...store.notices.lostHolds(now - lostWithinMs).map(lostNotice),
    ...(now >= proofAt ? expiring().map((proof) => proofNotice(proof, now)) : []),
  ];

  const write = ({ types, ...notice }: Told) => {
    const wanting = hooks.filter(({ on }) => types.some((type) => on.includes(type))).map(({ name }) => name);
    const message = oneLine(redactText(notice.message), longest);
    return store.notices.add({ ...notice, message, subject: notice.subject === null ? null : oneLine(notice.subject, 200) }, wanting);
  };

  return () => {
    const now = clock.now();
    const seen = store.control.version();
    if (seen === version && now < lookAt) return 0;
    try {
      const found = find(now).filter(({ key }) => !known.has(key));
      const bookmark = runs.bookmark();
      const written =
        found.length === 0 && !isNews(bookmark, saved())
          ? 0
          : store.atOnce(() => {
              store.notices.setBookmark(JSON.stringify(bookmark));
              return found.filter(write).length;
            });
      if (known.size > mostKnown) known = new Set();
      for (const { key } of found) known.add(key);
      version = store.control.version();
      lookAt = now + lookEveryMs;
      if (now >= proofAt) proofAt = now + proofEveryMs;
      return written;
    } catch (error) {
      // what was read and not written is read again
      runs = createEndedRuns({ store, clock }, saved());
      throw error;
    }
  };
}

/** That time has passed is worth a write only now and then. */
function isNews(bookmark: Bookmark, saved: Bookmark | null): boolean {
  if (saved === null || Math.abs(bookmark.askedAt - saved.askedAt) >= lookEveryMs) return true;
  return String(bookmark.told) !== String(saved.told) || String(bookmark.unended) !== String(saved.unended);
}

function readBookmark(text: string | null): Bookmark | null {
  return text === null ? null : (JSON.parse(text) as Bookmark);
}
