import type { Clock } from '../domain/clock.ts';
import { formatDuration } from '../domain/duration.ts';
import { EngineError } from '../domain/errors.ts';
import type { CheckResult } from './contract.ts';

/** What was wrong, in a few words; null when nothing was. */
export type Attempt = (signal: AbortSignal) => Promise<string | null>;

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
  // Not AbortSignal.any: on Node 20 each one stays on the list of its long-lived source, and a run takes many samples.
  const stop = new AbortController();
  const abort = () => stop.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const alarm = new AbortController();
  let late = false;
  clock.sleep(timeoutMs, alarm.signal).then(
    () => {
      late = true;
      stop.abort(new Error('time-out'));
    },
    () => undefined,
  );
  try {
    const error = await Promise.race([attempt(stop.signal), aborted(stop.signal)]);
    return { ok: error === null, latencyMs: clock.monotonic() - started, error };
  } catch (error) {
    signal.throwIfAborted();
    if (late) return { ok: false, latencyMs: clock.monotonic() - started, error: `no answer within ${formatDuration(timeoutMs)}` };
    if (error instanceof EngineError && !error.lost) {
      return { ok: false, latencyMs: clock.monotonic() - started, error: `the engine could not ask (${error.code})` };
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
