import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';

export interface Limits {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The caller's own; its reason is what the call then rejects with. */
  readonly signal?: AbortSignal | undefined;
  /** Makes the error of a call that took too long. */
  readonly late: (timeoutMs: number) => Error | Promise<Error>;
  /** Asked when the time is up: how many more ms to allow. (Default: none.) */
  readonly extend?: (() => Promise<number>) | undefined;
}

/**
 * Runs `work` and settles no later than the limit or the signal, whatever `work` does; the signal that it gets aborts in both cases,
 * so that it can destroy its socket.
 */
export async function withDeadline<T>(limits: Limits, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  limits.signal?.throwIfAborted();
  // as many calls as there are containers may wait on one signal at once, and each takes its listener off again
  if (limits.signal !== undefined) setMaxListeners(0, limits.signal);
  const stop = new AbortController();
  const done = new AbortController();
  const abort = () => stop.abort(limits.signal?.reason);
  limits.signal?.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<T>((resolve, reject) => {
      stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true });
      expiry(limits, done.signal).then((error) => stop.abort(error), ignore);
      work(stop.signal).then(resolve, reject);
    });
  } finally {
    limits.signal?.removeEventListener('abort', abort);
    done.abort();
  }
}

/** Resolves with the error when the time is up; rejects when the work was done before. */
async function expiry(limits: Limits, done: AbortSignal): Promise<Error> {
  let allowed = limits.timeoutMs;
  await pass(allowed, limits, done);
  const more = limits.extend === undefined ? 0 : await limits.extend().catch(() => 0);
  if (more > 0) {
    allowed += more;
    await pass(more, limits, done);
  }
  return limits.late(allowed);
}

/** After a time in which this process stood still its timers come first: an answer that is there by then is read before it is called late. */
async function pass(ms: number, { clock }: Limits, done: AbortSignal): Promise<void> {
  await clock.sleep(ms, done);
  await nextTurn(undefined, { signal: done });
}

function ignore(): void {}
