import type { Clock } from '../../domain/clock.ts';
import type { WorkUnit } from '../../domain/kind.ts';

export interface FanOut {
  readonly units: readonly WorkUnit[];
  readonly parallel: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Asked before each unit; `wait` asks again, `stop` ends the fan-out with the reason. */
  gate(unit: WorkUnit, inFlight: ReadonlySet<string>): Promise<'go' | 'wait' | { readonly stop: string }>;
}

export interface FannedOut {
  /** What was not taken, and why; empty when every unit was. */
  readonly notTaken: readonly WorkUnit[];
  readonly reason: string | null;
  /** What units threw, in the order of their ends. */
  readonly failures: readonly unknown[];
}

const gatePollMs = 250;

/**
 * The one loop over targets: units in their order, at most `parallel` at once, none taken after the first failure or the abort.
 * Waits for those under way.
 */
export async function fanOut(work: (unit: WorkUnit) => Promise<void>, options: FanOut): Promise<FannedOut> {
  const waiting = [...options.units];
  const inFlight = new Set<string>();
  const failures: unknown[] = [];
  let stopped: string | null = null;
  // one unit asks at a time: two could both be told that there is room for one more
  let turn: Promise<void> = Promise.resolve();

  const next = async (): Promise<WorkUnit | null> => {
    while (waiting.length > 0 && failures.length === 0 && stopped === null && !options.signal.aborted) {
      const unit = waiting[0] as WorkUnit;
      const answer = await options.gate(unit, inFlight);
      if (answer === 'go') {
        waiting.shift();
        for (const target of unit.targets) inFlight.add(target.name);
        return unit;
      }
      if (answer !== 'wait') {
        stopped = answer.stop;
        return null;
      }
      await options.clock.sleep(gatePollMs, options.signal).catch(() => undefined);
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
  const failure = failures[0] instanceof Error ? failures[0].message : failures.length > 0 ? String(failures[0]) : null;
  const aborted = options.signal.aborted ? String((options.signal.reason as Error).message) : null;
  return { notTaken: waiting, reason: aborted ?? (failure === null ? stopped : `an earlier one failed: ${failure}`), failures };
}
