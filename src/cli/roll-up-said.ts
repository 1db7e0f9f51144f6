import type { Clock } from '../domain/clock.ts';

/** Shorter than this is nothing to wait for. */
const silentMs = 1_000;
const everyMs = 5_000;

/** Says what the upgrade of a database with many runs is waiting for, now and then; nothing when it takes no longer than a second. */
export function rollUpSaid(clock: Pick<Clock, 'monotonic'>, say: (text: string) => void): (done: number, total: number) => void {
  let next: number | null = null;
  return (done, total) => {
    const now = clock.monotonic();
    next ??= now + silentMs;
    if (now < next || done >= total) return;
    next = now + everyMs;
    say(`adding up ${total} runs of before the upgrade, once: ${Math.floor((100 * done) / total)} %`);
  };
}
