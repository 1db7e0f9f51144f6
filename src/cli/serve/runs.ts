import { refuseOutOfScope, type Scope } from '../../access/scope.ts';
import type { Drill } from '../../domain/drill.ts';
import type { Engine } from '../../domain/engine.ts';
import { InvalidError } from '../../domain/errors.ts';
import type { Trigger } from '../../domain/words.ts';
import type { RunnerDeps } from '../../runner/deps.ts';
import { refuseHalted } from '../../runner/plan.ts';
import { run } from '../../runner/run/run.ts';
import { enginesFor, replayed } from '../commands/run.ts';

export interface ServeRuns {
  /** Runs the drill on each of its engines; resolves when all have ended. */
  scheduled(drill: Drill, instant: number): Promise<void>;
  /** Resolves as soon as the first run's row exists. Rejects when nothing was started. */
  asked(
    drillName: string,
    options: {
      readonly actor: string;
      readonly trigger: Trigger;
      readonly seed?: string | undefined;
      readonly replay?: string | undefined;
      readonly scope: Scope;
    },
  ): Promise<{ readonly id: string }>;
  /** Resolves when every run has ended; those still going have been told to by the signal. */
  settled(): Promise<void>;
}

/** The runs of this `serve`: started by the scheduler or the API, ended with their undo when it stops. */
export function serveRuns(options: {
  readonly deps: RunnerDeps;
  readonly engines: readonly Engine[];
  readonly drills: () => readonly Drill[];
  readonly signal: AbortSignal;
  onFailure(drill: string, error: unknown): void;
}): ServeRuns {
  const { deps, engines, signal } = options;
  const going = new Set<Promise<void>>();
  const track = (work: Promise<unknown>, drill: string) => {
    const tracked: Promise<void> = work.then(
      () => undefined,
      (error: unknown) => options.onFailure(drill, error),
    );
    going.add(tracked);
    void tracked.finally(() => going.delete(tracked));
    return tracked;
  };
  return {
    async scheduled(drill, instant) {
      if (signal.aborted) return;
      const runs = enginesFor(drill, engines).map((engine) =>
        track(run(drill, engine, { trigger: 'schedule', actor: 'scheduler', signal, slot: instant }, deps), drill.name),
      );
      await Promise.all(runs);
    },
    asked(drillName, { actor, trigger, seed, replay: replayOf, scope }) {
      return new Promise((resolve, reject) => {
        const drill = options.drills().find((candidate) => candidate.name === drillName);
        if (drill === undefined) return reject(new InvalidError('unknown_drill', `there is no drill "${drillName}"`));
        try {
          refuseHalted(deps);
          const replay = replayOf === undefined ? undefined : replayed(replayOf, [drill], deps.store.runs.record(replayOf));
          const chosen = enginesFor(drill, engines, replay);
          refuseOutOfScope(
            scope,
            chosen.map((engine) => ({ drill: drill.name, engine: engine.name })),
          );
          const runs = chosen.map((engine) =>
            run(drill, engine, { trigger, actor, seed, replay, signal, onOpened: (id) => resolve({ id }) }, deps),
          );
          for (const one of runs) {
            one.catch(reject);
            void track(one, drillName);
          }
        } catch (error) {
          reject(error);
        }
      });
    },
    async settled() {
      while (going.size > 0) await Promise.all(going);
    },
  };
}
