import { inspectIfThere } from '../../container/look.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import type { Held } from './io.ts';

/** What the engine shows of a container that must be frozen now. Throws `FailedError` `gone` or `not_frozen`. */
export async function frozen(engine: Pick<Engine, 'inspect'>, held: Held): Promise<ContainerInspect> {
  const inspect = await inspectIfThere(engine, held.containerId);
  if (inspect === null) throw new FailedError('gone', `${held.containerName} is gone: it was removed by somebody`);
  if (!inspect.State.Paused) throw new FailedError('not_frozen', `${held.containerName} is not frozen any more (${inspect.State.Status})`);
  return inspect;
}

/** A sentence for what the engine refused. One that is lost is no answer: the change stays open. */
export async function refusalOf(action: () => Promise<unknown>): Promise<EngineError | null> {
  try {
    await action();
    return null;
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost) throw error;
    return error;
  }
}
