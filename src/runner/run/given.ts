import type { Drill } from '../../domain/drill.ts';
import type { Engine } from '../../domain/engine.ts';
import { InvalidError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import type { RunnerDeps } from '../deps.ts';
import { kindOf } from '../plan.ts';

/** Targets made for one run instead of selected: nothing that runs is touched, so no opt-in, lock, pick or blast radius is asked about. */
export interface Given {
  /** What they are made from, for people: `docker-compose.yml`, `image shop:1`. */
  readonly from: string;
  /** What of that is not as it was written, a sentence each. */
  readonly notes: readonly string[];
  make(
    engine: Engine,
    options: {
      readonly runId: string;
      readonly instance: string;
      /** UTC ms. */
      readonly now: number;
      readonly expiresMs: number;
      /** Told of each thing that was made and could not be removed, also when not all could be made. */
      readonly onLeft: (sentence: string) => void;
      readonly signal: AbortSignal;
    },
  ): Promise<{ readonly targets: readonly Target[]; remove(): Promise<void> }>;
}

/** What outlives its run by this much was left by a crash. */
const graceMs = 300_000;

/** @throws InvalidError when the drill is of a kind that can only work on containers that run. */
export function refuseGiven(drill: Drill, deps: Pick<RunnerDeps, 'kinds'>): void {
  if (kindOf(drill, deps).acceptsGiven === true) return;
  const able = [...deps.kinds.values()].filter((kind) => kind.acceptsGiven === true).map((kind) => kind.name);
  throw new InvalidError(
    'usage',
    `${drill.name} is of kind ${drill.kind}, which needs containers that run: --image and --compose cannot be its targets`,
    {
      hint: able.length > 0 ? `kinds that take them: ${able.join(', ')}` : undefined,
    },
  );
}

/** Holds what was made, and removes it when disposed of; what could not be removed is said, not thrown: the run has its own verdict. */
export function openGiven(
  given: Given | undefined,
  {
    drill,
    engine,
    runId,
    signal,
  }: { readonly drill: Drill; readonly engine: Engine; readonly runId: string; readonly signal: AbortSignal },
  deps: Pick<RunnerDeps, 'store' | 'clock'>,
  onLeft: (sentence: string) => void,
): AsyncDisposable & { readonly targets: (() => Promise<readonly Target[]>) | undefined } {
  let made: Awaited<ReturnType<Given['make']>> | null = null;
  return {
    targets:
      given === undefined
        ? undefined
        : async () => {
            made = await given.make(engine, {
              runId,
              instance: deps.store.instanceId,
              now: deps.clock.now(),
              expiresMs: drill.safety.timeoutMs + graceMs,
              onLeft: (sentence) => onLeft(`of what was made from ${given.from}, ${sentence}`),
              signal,
            });
            return made.targets;
          },
    [Symbol.asyncDispose]: async () => await made?.remove(),
  };
}
