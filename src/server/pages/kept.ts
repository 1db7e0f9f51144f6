import type { Clock } from '../../domain/clock.ts';

const minuteMs = 60_000;

/** Made anew when what it is made from has changed, or the minute has: what pages show of proof costs something to compute. */
export function createKept<T>(of: { version(): string }, clock: Pick<Clock, 'now'>, make: (minute: number) => T): () => T {
  let kept: { readonly key: string; readonly value: T } | null = null;
  return () => {
    const minute = Math.floor(clock.now() / minuteMs) * minuteMs;
    const key = `${of.version()} ${minute}`;
    if (kept?.key !== key) kept = { key, value: make(minute) };
    return kept.value;
  };
}
