import type { Verdict } from '../login/connection.ts';
import { nextSlot } from './slots.ts';

export interface Timed extends Verdict {
  readonly due: number;
  readonly started: number;
  readonly ended: number;
}

export interface Rhythm {
  readonly everyMs: number;
  /** Which of the many it is, from 0: each has its own place between two beats, or all would log in at the same instant and wait for each other. */
  readonly place: number;
  /** Monotonic ms. */
  now(): number;
  readonly signal: AbortSignal;
}

/** Its multiples, without their whole parts, lie as far from each other as can be, however many there are. */
const golden = (Math.sqrt(5) - 1) / 2;

/** Attempts at a fixed rate, the first at once, never two at the same time, until the signal or until one says that it was the last. */
export async function runSeries(
  attempt: () => Promise<{ readonly verdict: Verdict; readonly last: boolean }>,
  said: (sample: Timed) => void,
  { everyMs, place, now, signal }: Rhythm,
): Promise<void> {
  const first = now();
  const beat = first + ((place * golden) % 1) * everyMs;
  for (let due = first; !signal.aborted; ) {
    const started = now();
    const { verdict, last } = await attempt();
    const ended = now();
    said({ due, started, ended, ...verdict });
    if (last) return;
    due = nextSlot(beat, everyMs, ended);
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
