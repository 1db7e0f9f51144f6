import type { Clock } from '../../domain/clock.ts';
import type { Golden } from './golden.ts';
import { type Attackers, lastSaid } from './tracks.ts';

const everyMs = 50;

/** True as soon as it holds; false when it did not in time. Rejects with the signal's reason. */
export async function waitFor(
  holds: () => boolean | Promise<boolean>,
  { ms, clock, signal }: { ms: number; clock: Clock; signal: AbortSignal },
): Promise<boolean> {
  const until = clock.monotonic() + ms;
  for (;;) {
    signal.throwIfAborted();
    if (await holds()) return true;
    const left = until - clock.monotonic();
    if (left <= 0) return false;
    await clock.sleep(Math.min(everyMs, left), signal);
  }
}

/** At this moment: nobody lets the old one in, nothing opened with it lives, everybody lets the new one in, and the consumers work. */
export function isSettled({ tracks }: Pick<Attackers, 'tracks'>, golden: readonly Golden[]): boolean {
  const asItShould = tracks.every(({ credential, mode, samples }) => {
    const last = lastSaid(samples())?.answer;
    if (credential === 'new') return last === 'accepted';
    return mode === 'session' ? last === 'closed' || last === 'refused' : last === 'refused';
  });
  return asItShould && golden.every(({ requests }) => requests().at(-1)?.ok !== false);
}
