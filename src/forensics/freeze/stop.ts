import type { Clock } from '../../domain/clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import { readFreezer } from '../proc/freezer.ts';

export interface Stopped {
  /** As it was read back, paused. */
  readonly inspect: ContainerInspect;
  /** Reading of the monotonic clock when the frozen state had been read back, from the kernel's freezer or from the engine. */
  readonly verifiedAt: number;
  /** UTC ms. */
  readonly at: number;
  /** Somebody else's pause came first. */
  readonly foreign: boolean;
}

/** ms: a pause that was given up on may still land; for this long it is looked for. */
const landsWithinMs = 15_000;
const lookEveryMs = 100;
/** ms: the freezer of cgroup v1 gives up on a container that is busy enough, and takes it the next time. */
const triedForMs = 5_000;
const tryEveryMs = 50;

/**
 * Pauses a container and reads back that it is paused. When the call is late or the engine is lost on the way, what counts is what the
 * engine says afterwards.
 * @throws FailedError `not_frozen` when it was read back, and is not paused; what the engine said otherwise: then nobody knows.
 */
export async function stopDead(engine: Engine, before: ContainerInspect, clock: Clock): Promise<Stopped> {
  const name = before.Name.replace(/^\//, '');
  let foreign = before.State.Paused;
  const began = clock.monotonic();
  let failure = foreign ? null : await pause(engine, before.Id);
  while (failure !== null && gaveUp(failure) && clock.monotonic() < began + triedForMs) {
    await clock.sleep(tryEveryMs);
    failure = await pause(engine, before.Id);
  }
  // the kernel's word comes first where it can be read; what the engine shows must say the same
  const seen = failure === null && readFreezer(before) === 'frozen' ? { verifiedAt: clock.monotonic(), at: clock.now() } : null;
  const until = clock.monotonic() + landsWithinMs;
  for (;;) {
    const inspect = await lookAt(engine, before.Id, failure);
    if (inspect?.State.Paused === true) {
      // refused, and paused all the same: the pause was another's
      foreign ||= failure?.code === 'conflict';
      return { inspect, verifiedAt: clock.monotonic(), at: clock.now(), ...seen, foreign };
    }
    const over = clock.monotonic() >= until;
    // an engine that does not answer may have paused it all the same
    if (inspect === null && over && failure !== null) throw failure;
    if (inspect !== null && (!inspect.State.Running || failure === null || !mayLand(failure) || over))
      throw notFrozen(name, inspect, failure);
    await clock.sleep(lookEveryMs);
  }
}

/** What came of it, when it was not done or is not known to be. */
async function pause(engine: Engine, id: string): Promise<EngineError | null> {
  try {
    await engine.pause(id);
    return null;
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

/** runc's own words, https://github.com/opencontainers/cgroups/blob/main/fs/freezer.go */
function gaveUp(failure: EngineError): boolean {
  return !failure.lost && failure.message.includes('unable to freeze');
}

/** Nothing of it runs, so nothing of it can be frozen. */
export const restarting = 'it is restarting: nothing of it runs at this moment';

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

function notFrozen(name: string, inspect: ContainerInspect, cause: unknown): FailedError {
  const { Restarting, Status } = inspect.State;
  // between two looks it may end, and its restart policy begin
  const state = Restarting ? restarting : `it is ${Status}`;
  const why = Restarting
    ? state
    : cause instanceof EngineError
      ? `${cause.message}; ${state}`
      : `the engine said that it paused it, and ${state}`;
  return new FailedError('not_frozen', `${name} is not frozen: ${why}`, { cause });
}
