import type { Clock } from '../domain/clock.ts';
import type { WorkUnit } from '../domain/kind.ts';

export interface FanOut {
  readonly units: readonly WorkUnit[];
  readonly parallel: number;
  /** Least time between the starts of two units. */
  readonly gapMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Asked before each unit; `wait` asks again, `stop` ends the fan-out with the reason. */
  gate(unit: WorkUnit, inFlight: ReadonlySet<string>): Promise<'go' | 'wait' | { readonly stop: string }>;
}

/** What was not taken, and why; empty when every unit was. */
export interface NotTaken {
  readonly units: readonly WorkUnit[];
  readonly reason: string | null;
}

const gatePollMs = 250;

/**
 * The one loop over targets: units in their order, at most `parallel` at once, none taken after the first failure or the abort.
 * Waits for those under way and then rethrows the first failure.
 */
export async function fanOut(work: (unit: WorkUnit) => Promise<void>, options: FanOut): Promise<NotTaken> {
  const waiting = [...options.units];
  const inFlight = new Set<string>();
  const failures: unknown[] = [];
  let stopped: string | null = null;
  // one unit asks at a time: two could both be told that there is room for one more
  let turn: Promise<void> = Promise.resolve();
  let lastStart = Number.NEGATIVE_INFINITY;

  const next = async (): Promise<WorkUnit | null> => {
    while (waiting.length > 0 && failures.length === 0 && stopped === null && !options.signal.aborted) {
      const unit = waiting[0] as WorkUnit;
      const early = lastStart + options.gapMs - options.clock.monotonic();
      const answer = early > 0 ? 'wait' : await options.gate(unit, inFlight);
      if (answer === 'go') {
        waiting.shift();
        lastStart = options.clock.monotonic();
        for (const target of unit.targets) inFlight.add(target.name);
        return unit;
      }
      if (answer !== 'wait') {
        stopped = answer.stop;
        return null;
      }
      await options.clock.sleep(Math.max(1, Math.min(gatePollMs, early > 0 ? early : gatePollMs)), options.signal).catch(() => undefined);
    }
    return null;
  };

  const worker = async () => {
    for (;;) {
      const mine = turn.then(next);
      turn = mine.then(
        () => undefined,
        () => undefined,
      );
      const unit = await mine;
      if (unit === null) return;
      try {
        await work(unit);
      } catch (error) {
        failures.push(error);
      } finally {
        for (const target of unit.targets) inFlight.delete(target.name);
      }
    }
  };
  const workers = Array.from({ length: Math.max(1, Math.min(options.parallel, options.units.length)) }, () =>
    worker().catch((error: unknown) => void failures.push(error)),
  );
  await Promise.all(workers);
  if (failures.length > 0) throw failures[0];
  return { units: waiting, reason: options.signal.aborted ? String((options.signal.reason as Error).message) : stopped };
}
