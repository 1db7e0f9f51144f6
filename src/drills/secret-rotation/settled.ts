import type { Clock } from '../../domain/clock.ts';
import type { Golden } from './golden.ts';
import { type Attackers, lastSaid, type Track } from './tracks.ts';

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

/**
 * Asked again and again: whether at this moment nobody lets the old one in, nothing opened with it lives, everybody lets the new one in, and each consumer has
 * answered a request that was made since.
 */
export function settling({ tracks }: Pick<Attackers, 'tracks'>, golden: readonly Golden[], clock: Clock): () => boolean {
  let since: number | null = null;
  return () => {
    if (!tracks.every(isAsItShould)) {
      since = null;
      return false;
    }
    since ??= clock.monotonic();
    const from = since;
    return golden.every(({ requests }) => {
      const last = requests().at(-1);
      return last?.ok === true && last.startedAt >= from;
    });
  };
}

function isAsItShould({ credential, mode, samples }: Track): boolean {
  const last = lastSaid(samples())?.answer;
  if (credential === 'new') return last === 'accepted';
  return mode === 'session' ? last === 'closed' || last === 'refused' : last === 'refused';
}
