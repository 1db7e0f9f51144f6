import { answers, type Said, type SampleLine } from './lines.ts';
import type { Timed } from './run-series.ts';

/** How long a sample may wait for others. */
const waitMs = 100;

export interface Batch {
  add(id: number, sample: Timed): void;
  /** What waits goes out now. */
  flush(): void;
}

/** Samples of all series, many to a line. */
export function batch(say: (said: Said) => void): Batch {
  let waiting: SampleLine[] = [];
  let timer: NodeJS.Timeout | null = null;
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waiting.length === 0) return;
    const samples = waiting;
    waiting = [];
    say({ samples });
  };
  return {
    add(id, { due, started, ended, answer, code }) {
      waiting.push([id, rounded(due), rounded(started), rounded(ended), answers.indexOf(answer), code]);
      timer ??= setTimeout(flush, waitMs);
    },
    flush,
  };
}

/** To 10 µs. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
