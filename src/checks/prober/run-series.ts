import type { Verdict } from '../login/connection.ts';
import { nextSlot } from './slots.ts';

export interface Timed extends Verdict {
  readonly due: number;
  readonly started: number;
  readonly ended: number;
}

export interface Rhythm {
  readonly everyMs: number;
  /** Monotonic ms. */
  now(): number;
  readonly signal: AbortSignal;
}

/** Attempts at a fixed rate, the first at once, never two at the same time, until the signal or until one says that it was the last. */
export async function runSeries(
  attempt: () => Promise<{ readonly verdict: Verdict; readonly last: boolean }>,
  said: (sample: Timed) => void,
  { everyMs, now, signal }: Rhythm,
): Promise<void> {
  const first = now();
  for (let due = first; !signal.aborted; ) {
    const started = now();
    const { verdict, last } = await attempt();
    const ended = now();
    said({ due, started, ended, ...verdict });
    if (last) return;
    due = nextSlot(first, everyMs, ended);
    await until(due, now, signal);
  }
}

/** A timer counts whole ms from when its loop last looked at the clock, so it may fire a little early. */
function until(due: number, now: () => number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout;
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const wait = () => {
      const left = due - now();
      if (left <= 0) done();
      else timer = setTimeout(wait, Math.ceil(left));
    };
    signal.addEventListener('abort', done, { once: true });
    wait();
  });
}
