import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';
import { formatDuration } from '../domain/duration.ts';
import { EngineError } from '../domain/errors.ts';
import type { CheckResult } from './contract.ts';

/**
 * What was wrong, in a few words; null when nothing was. `answered` stops the watch before the attempt has ended: what comes after is
 * the check's own care, and is not limited by the time-out.
 */
export type Attempt = (signal: AbortSignal, answered: () => void) => Promise<string | null>;

export interface Limits {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Makes a sample of an attempt: timed, and cut off at its time-out even when the attempt does not heed its signal. The caller's own
 * signal is no answer of the service: it rejects.
 */
export async function timed(attempt: Attempt, { clock, timeoutMs, signal }: Limits): Promise<CheckResult> {
  signal.throwIfAborted();
  const started = clock.monotonic();
  let latency: number | null = null;
  const elapsed = () => latency ?? clock.monotonic() - started;
  const alarm = new AbortController();
  const answered = () => {
    latency = clock.monotonic() - started;
    alarm.abort();
  };
  // Not AbortSignal.any: on Node 20 each one stays on the list of its long-lived source, and a run takes many samples.
  const stop = new AbortController();
  const abort = () => stop.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  let late = false;
  const limit = async () => {
    await clock.sleep(timeoutMs, alarm.signal);
    // after a time in which this process stood still, an answer that is there is read before it is called late
    await nextTurn(undefined, { signal: alarm.signal });
    late = true;
    stop.abort(new Error('time-out'));
  };
  limit().catch(() => undefined);
  try {
    const error = await Promise.race([attempt(stop.signal, answered), aborted(stop.signal)]);
    return { ok: error === null, latencyMs: elapsed(), error };
  } catch (error) {
    signal.throwIfAborted();
    if (late) return { ok: false, latencyMs: elapsed(), error: `no answer within ${formatDuration(timeoutMs)}` };
    if (error instanceof EngineError && !error.lost) {
      return { ok: false, latencyMs: elapsed(), error: `the engine could not ask (${error.code})` };
    }
    throw error;
  } finally {
    alarm.abort();
    signal.removeEventListener('abort', abort);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
}
