import type { Clock } from '../../domain/clock.ts';
import type { Drill } from '../../domain/drill.ts';

/** What is proven ages by the day, so that a few minutes change nothing that could be read off a page. */
const longestMs = 300_000;

/** What pages show of proof costs something to compute: it is made anew when what it is made from has changed, and every few minutes. */
export function createKept<T>(of: { version(): string }, clock: Pick<Clock, 'now'>, make: () => T): () => T {
  let kept: { readonly version: string; readonly at: number; readonly value: T } | null = null;
  return () => {
    const now = clock.now();
    const version = of.version();
    if (kept === null || kept.version !== version || Math.abs(now - kept.at) >= longestMs) kept = { version, at: now, value: make() };
    return kept.value;
  };
}

/** The next so many instants of a drill; reckoned anew, which takes a ms or more, only when its file or the first of them has passed by. */
export function createNextRuns(nextRuns: (drill: Drill, n: number) => readonly number[], clock: Pick<Clock, 'now'>, n: number) {
  let known = new Map<string, readonly number[]>();
  return (drills: readonly Drill[]): ReadonlyMap<string, readonly number[]> => {
    const now = clock.now();
    const byDrill = new Map<string, readonly number[]>();
    const next = new Map<string, readonly number[]>();
    for (const drill of drills) {
      const key = `${drill.name} ${drill.source.definition} ${JSON.stringify(drill.schedule)}`;
      const before = known.get(key);
      const instants = before?.every((at) => at > now) === true && before.length > 0 ? before : nextRuns(drill, n);
      next.set(key, instants);
      byDrill.set(drill.name, instants);
    }
    known = next;
    return byDrill;
  };
}
