/**
 * Tells of every run that ended since it was asked last, once each, whichever process ran it. Works from lists alone, so that it
 * costs nothing between two scrapes.
 */
import type { Clock } from '../../domain/clock.ts';
import type { RunSummary } from '../../domain/words.ts';
import type { Store } from '../../store/store.ts';

/** A run's id holds the time at which it was made, which may be a little before the row was there to be seen. */
const overlapMs = 60_000;
const pageSize = 200;

export function createEndedRuns({ store, clock }: { readonly store: Pick<Store, 'runs'>; readonly clock: Clock }): () => RunSummary[] {
  let askedAt = clock.now();
  let told = new Set(
    newerThan(askedAt - overlapMs)
      .filter(isEnded)
      .map(({ id }) => id),
  );
  let unended = new Set(store.runs.unended().map(({ id }) => id));

  function newerThan(since: number): RunSummary[] {
    const runs: RunSummary[] = [];
    for (;;) {
      const page = store.runs.list({ since: Math.max(0, since), limit: pageSize, before: runs.at(-1)?.id });
      runs.push(...page);
      if (page.length < pageSize) return runs;
    }
  }

  return () => {
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
  };
}

function isEnded(run: RunSummary): boolean {
  return run.verdict !== null;
}

function summaryOf(store: Pick<Store, 'runs'>, id: string): RunSummary | undefined {
  // The list has no filter by id, but it has one for what is just below the next id.
  return store.runs.list({ before: `${id}~`, limit: 1 }).find((run) => run.id === id);
}
