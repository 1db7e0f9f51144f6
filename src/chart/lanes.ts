/** What the samples of the steady state say about time, check by check, small enough for a page however many they are. */
import { group } from './group.ts';
import { chartWidth } from './time-scale.ts';

/** As the store has them, and the artifact `availability`. */
export interface CheckSample {
  readonly check: string;
  /** ms since the run began. */
  readonly offsetMs: number;
  readonly ok: boolean;
  readonly latencyMs: number | null;
  readonly error: string | null;
}

export interface CheckLane {
  readonly check: string;
  readonly samples: number;
  readonly failed: number;
  /** In order, without a hole between them. */
  readonly spans: readonly Span[];
  /** Of good answers: the least and the most in every few pixels, as `[ms, least, most]`. */
  readonly latency: readonly (readonly [at: number, least: number, most: number])[];
}

export interface Span {
  readonly state: 'ok' | 'failed' | 'unknown';
  readonly from: number;
  readonly to: number;
  /** Of an outage what its first failure said. */
  readonly error: string | null;
}

/** @param durationMs of the run, to its end or to now. */
export function checkLanes(samples: readonly CheckSample[], durationMs: number): CheckLane[] {
  const usable = samples.filter(({ offsetMs }) => Number.isFinite(offsetMs));
  return [...group(usable, ({ check }) => check)].map(([check, own]) => {
    const sorted = own.toSorted((a, b) => a.offsetMs - b.offsetMs);
    const failed = sorted.reduce((sum, { ok }) => sum + Number(!ok), 0);
    return { check, samples: sorted.length, failed, spans: spansOf(sorted, durationMs), latency: latencyOf(sorted, durationMs) };
  });
}

/**
 * An answer stands until the next question. Where none was asked for far longer than usual nothing is known, unless the last one failed:
 * nothing showed that the outage was over.
 */
function spansOf(samples: readonly CheckSample[], end: number): Span[] {
  const usual = usualInterval(samples);
  const found: Span[] = [];
  const add = (state: Span['state'], from: number, to: number, error: string | null) => {
    const last = found.at(-1);
    if (last?.state === state) found[found.length - 1] = { ...last, to };
    else found.push({ state, from, to, error });
  };
  samples.forEach(({ offsetMs: at, ok, error }, index) => {
    const next = samples[index + 1]?.offsetMs ?? Math.max(at, Math.min(end, at + usual));
    const known = ok && next - at > 5 * usual ? at + usual : next;
    if (ok) add('ok', at, known, null);
    else add('failed', at, next, error);
    if (known < next) add('unknown', known, next, null);
  });
  return found;
}

function usualInterval(samples: readonly CheckSample[]): number {
  const steps = Float64Array.from({ length: Math.max(0, samples.length - 1) }, (_, i) => stepAfter(samples, i)).sort();
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

function stepAfter(samples: readonly CheckSample[], index: number): number {
  return (samples[index + 1]?.offsetMs ?? 0) - (samples[index]?.offsetMs ?? 0);
}

/** As narrow as a peak is drawn. */
const pixels = 3;

function latencyOf(samples: readonly CheckSample[], durationMs: number): [number, number, number][] {
  const first = samples[0]?.offsetMs ?? 0;
  // a clock that was set may have put samples beyond the end
  const last = Math.max(durationMs, samples.at(-1)?.offsetMs ?? 0);
  const wide = Math.max(1, ((last - first) / chartWidth) * pixels);
  const columns: [number, number, number][] = [];
  let now = Number.NEGATIVE_INFINITY;
  for (const { offsetMs, ok, latencyMs } of samples) {
    if (!ok || latencyMs === null) continue;
    const column = Math.floor(offsetMs / wide);
    const open = columns.at(-1);
    if (open === undefined || column !== now) columns.push([offsetMs, latencyMs, latencyMs]);
    else {
      open[1] = Math.min(open[1], latencyMs);
      open[2] = Math.max(open[2], latencyMs);
    }
    now = column;
  }
  return columns;
}
