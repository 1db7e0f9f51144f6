/** What the engines last said of their containers, so that a page asks each of them once, and waits for none that does not answer. */
import { setTimeout as after } from 'node:timers/promises';
import type { Clock } from '../../domain/clock.ts';
import { errorBody } from '../../domain/errors.ts';
import type { TargetView } from '../../runner/targets/target-view.ts';
import type { EngineTargets } from '../deps.ts';

export interface EngineAnswer {
  readonly engine: string;
  /** The last that it said; null until it has answered once. */
  readonly views: readonly TargetView[] | null;
  /** When it said so, UTC ms. */
  readonly at: number | null;
  /** Why that is not what is so now; null when it is. */
  readonly problem: string | null;
}

export interface FleetOptions {
  /** An answer is as good as new for so long. Default 2 s. */
  readonly freshMs?: number;
  /** An engine is waited for so long. Default 1.5 s. */
  readonly patienceMs?: number;
}

export function watchFleet(
  fleet: readonly EngineTargets[],
  clock: Pick<Clock, 'now' | 'monotonic'>,
  { freshMs = 2_000, patienceMs = 1_500 }: FleetOptions = {},
): () => Promise<readonly EngineAnswer[]> {
  const all = fleet.map((one) => watchEngine(one, clock, { freshMs, patienceMs }));
  return () => Promise.all(all.map((look) => look()));
}

function watchEngine(
  { engine, targets }: EngineTargets,
  clock: Pick<Clock, 'now' | 'monotonic'>,
  { freshMs, patienceMs }: Required<FleetOptions>,
): () => Promise<EngineAnswer> {
  let last: EngineAnswer = { engine, views: null, at: null, problem: null };
  let answeredAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  const ask = async () => {
    try {
      const views = await targets();
      last = { engine, views, at: clock.now(), problem: null };
    } catch (error) {
      last = { ...last, problem: errorBody(error).error.message };
    }
    answeredAt = clock.monotonic();
    asking = null;
  };
  return async () => {
    if (clock.monotonic() - answeredAt < freshMs) return last;
    asking ??= ask();
    const waited = new AbortController();
    const late = after(patienceMs, true, { signal: waited.signal }).catch(() => false);
    const isLate = await Promise.race([asking.then(() => false), late]);
    waited.abort();
    return isLate ? { ...last, problem: last.problem ?? `engine ${engine} has not answered yet` } : last;
  };
}
