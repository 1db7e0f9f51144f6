import { inspectIfThere } from '../../container/look.ts';
import { unfitState } from '../../container/obstacle.ts';
import { type RestartData, settleRestart } from '../../container/restart-handler.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import type { Context } from './context.ts';

/** What is stopped and killed: a clone, or the target itself. */
export interface Body {
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly isTarget: boolean;
  /** What it has not of the original, a sentence each. */
  readonly notes: readonly string[];
  /** As it is now, running. Throws `FailedError` when it cannot be worked on. */
  look(): Promise<ContainerInspect>;
  /** Work that ends it. The target runs again afterwards, whatever comes of the work; a clone is left as it is. `withinMs`: the longest that the engine may be at it. */
  down<T>(withinMs: number, work: () => Promise<T>): Promise<T>;
}

const settleMs = 120_000;

export function cloneBody(
  clone: { readonly id: string; readonly name: string; readonly notes: readonly string[] },
  context: Context,
): Body {
  return {
    ...clone,
    isTarget: false,
    look: () => lookAt(clone.id, clone.name, context),
    down: (_, work) => work(),
  };
}

export function targetBody(target: Target, context: Context): Body {
  const { engine, clock, journal } = context;
  const { id, name } = target;
  return {
    id,
    name,
    isTarget: true,
    notes: [],
    look: () => lookAt(id, name, context),
    async down(withinMs, work) {
      const before = await lookAt(id, name, context);
      context.signal.throwIfAborted();
      const data: RestartData = { id, startedAt: before.State.StartedAt, stopMs: withinMs };
      const change = journal.open({ kind: 'restart', target: name, data: { ...data } });
      let lost = false;
      try {
        return await work();
      } catch (error) {
        lost = error instanceof EngineError && error.lost;
        throw error;
      } finally {
        // with a lost engine it stays open, and is reconciled
        if (!lost) {
          const settled = await settleRestart(name, data, {
            engine,
            clock,
            signal: AbortSignal.timeout(settleMs + withinMs),
            inFlight: false,
          });
          const note = settled.state === 'residue' ? settled.residue.join('; ') : settled.note;
          // one that is left is tried again when the run ends, and then told
          if (settled.state !== 'residue') change.close(settled.state, note);
          context.event('undo', target, note);
        }
      }
    },
  };
}

async function lookAt(id: string, name: string, { engine }: Context): Promise<ContainerInspect> {
  const now = await inspectIfThere(engine, id);
  if (now === null) throw new FailedError('target_gone', `${name} was removed by somebody`);
  const unfit = unfitState(now);
  if (unfit !== null) throw new FailedError('target_unfit', `${name} ${unfit}`);
  return now;
}
