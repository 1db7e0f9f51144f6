import type { Clock } from '../../domain/clock.ts';
import type { ContainerInspect, Engine } from '../../domain/engine.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';

export interface Stopped {
  /** As it was read back, paused. */
  readonly inspect: ContainerInspect;
  /** Reading of the monotonic clock when the frozen state had been read back. */
  readonly verifiedAt: number;
  /** UTC ms. */
  readonly at: number;
  /** Somebody else's pause came first. */
  readonly foreign: boolean;
}

/** ms: a pause that was given up on may still land; for this long it is looked for. */
const landsWithinMs = 15_000;
const lookEveryMs = 100;

/**
 * Pauses a container and reads back that it is paused. When the call is late or the engine is lost on the way, what counts is what the
 * engine says afterwards.
 * @throws FailedError `not_frozen` when it is not paused.
 */
export async function stopDead(engine: Engine, before: ContainerInspect, clock: Clock): Promise<Stopped> {
  const name = before.Name.replace(/^\//, '');
  let failure: unknown = null;
  let foreign = before.State.Paused;
  if (!foreign) {
    try {
      await engine.pause(before.Id);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      failure = error;
    }
  }
  const until = clock.monotonic() + landsWithinMs;
  for (;;) {
    const inspect = await lookAt(engine, before.Id, failure);
    if (inspect?.State.Paused === true) {
      // refused, and paused all the same: the pause was another's
      foreign ||= failure instanceof EngineError && failure.code === 'conflict';
      return { inspect, verifiedAt: clock.monotonic(), at: clock.now(), foreign };
    }
    const ended = inspect !== null && !inspect.State.Running;
    if (ended || failure === null || !mayLand(failure) || clock.monotonic() >= until) throw notFrozen(name, inspect, failure);
    await clock.sleep(lookEveryMs);
  }
}

/** Whether the engine may still do what it did not answer for. */
function mayLand(failure: unknown): boolean {
  return failure instanceof EngineError && (failure.lost || failure.context.timedOut === true);
}

/** Null while an engine that was lost does not answer. */
async function lookAt(engine: Engine, id: string, failure: unknown): Promise<ContainerInspect | null> {
  try {
    return await engine.inspect(id);
  } catch (error) {
    if (error instanceof EngineError && error.lost && mayLand(failure)) return null;
    throw error;
  }
}

function notFrozen(name: string, inspect: ContainerInspect | null, cause: unknown): FailedError {
  const state = inspect === null ? 'the engine does not say what it is' : `it is ${inspect.State.Status}`;
  const why = cause instanceof EngineError ? `${cause.message}; ${state}` : `the engine said that it paused it, and ${state}`;
  return new FailedError('not_frozen', `${name} is not frozen: ${why}`, { cause });
}
