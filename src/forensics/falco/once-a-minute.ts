import type { Clock } from '../../domain/clock.ts';

/** Keys that are remembered; beyond, the oldest is forgotten and would be noted again. */
const mostKeys = 1_000;

/**
 * Says of the first of a kind within `everyMs` how many were passed over since the one before, and null of the others.
 * @param everyMs default a minute
 */
export function onceAMinute(clock: Pick<Clock, 'monotonic'>, everyMs = 60_000): (key: string) => number | null {
  const seen = new Map<string, { readonly at: number; suppressed: number }>();
  return (key) => {
    const now = clock.monotonic();
    const last = seen.get(key);
    if (last !== undefined && now - last.at < everyMs) {
      last.suppressed += 1;
      return null;
    }
    seen.delete(key);
    seen.set(key, { at: now, suppressed: 0 });
    const oldest = seen.size > mostKeys ? seen.keys().next().value : undefined;
    if (oldest !== undefined) seen.delete(oldest);
    return last?.suppressed ?? 0;
  };
}
