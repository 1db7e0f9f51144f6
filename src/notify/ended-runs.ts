/**
 * Tells of every run that ended since it was asked last, once each, whichever process ran it. Works from lists alone, so that it
 * costs nothing between two questions; what it knows can be kept and given to the next process.
 */
import type { Clock } from '../domain/clock.ts';
import type { RunSummary } from '../domain/words.ts';
import type { Store } from '../store/store.ts';

/** A run's id holds the time at which it was made, which may be a little before the row was there to be seen. */
const overlapMs = 60_000;
const pageSize = 200;

export interface EndedRuns {
  news(): RunSummary[];
  /** What the next process needs to go on where this one was. */
  bookmark(): Bookmark;
}

export interface Bookmark {
  /** UTC ms. */
  readonly askedAt: number;
  /** Ids of runs that had ended and are recent. */
  readonly told: readonly string[];
  readonly unended: readonly string[];
}

/** @param from where an earlier process was; by default what ended before now is not told. */
export function createEndedRuns(
  { store, clock }: { readonly store: Pick<Store, 'runs'>; readonly clock: Clock },
  from: Bookmark | null = null,
): EndedRuns {
  // a clock that was set back must not hide what ended since
  let askedAt = Math.min(from?.askedAt ?? Number.POSITIVE_INFINITY, clock.now());
  let told = new Set(
    from?.told ??
      newerThan(askedAt - overlapMs)
        .filter(isEnded)
        .map(({ id }) => id),
  );
  let unended = new Set(from?.unended ?? store.runs.unended().map(({ id }) => id));

  function newerThan(since: number): RunSummary[] {
    const runs: RunSummary[] = [];
    for (;;) {
      const page = store.runs.list({ since: Math.max(0, since), limit: pageSize, before: runs.at(-1)?.id });
      runs.push(...page);
      if (page.length < pageSize) return runs;
    }
  }

  return {
    news() {
      // In this order: a run that ends in between is then seen as ended now, or found missing next time.
      const stillUnended = new Set(store.runs.unended().map(({ id }) => id));
      const recent = newerThan(askedAt - overlapMs);
      askedAt = clock.now();
      const ended = new Map(recent.filter(isEnded).map((run) => [run.id, run]));
      for (const id of unended) {
        if (stillUnended.has(id) || ended.has(id)) continue;
        const run = summaryOf(store, id);
        if (run !== undefined) ended.set(id, run);
      }
      const news = [...ended.values()].filter(({ id }) => !told.has(id));
      told = new Set(ended.keys());
      unended = stillUnended;
      return news;
    },
    bookmark: () => ({ askedAt, told: [...told], unended: [...unended] }),
  };
}

function isEnded(run: RunSummary): boolean {
  return run.verdict !== null;
}

function summaryOf(store: Pick<Store, 'runs'>, id: string): RunSummary | undefined {
  // The list has no filter by id, but it has one for what is just below the next id.
  return store.runs.list({ before: `${id}~`, limit: 1 }).find((run) => run.id === id);
}
