import { inspectIfThere } from '../../container/look.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import type { Held, HoldContext } from './io.ts';

const readBackMs = 5_000;

/**
 * Lets a frozen container run on, and reads back that it does. Asked again it is the same; one that somebody else had frozen is refused,
 * always. Throws `FailedError`: `foreign`, `gone`, or `not_resumed` when it ended instead or stayed as it was.
 */
export async function resume(held: Held, { engine, clock, signal }: Pick<HoldContext, 'engine' | 'clock' | 'signal'>): Promise<void> {
  if (held.foreign) throw new FailedError('foreign', `${held.containerName} was frozen by somebody else: it is left paused`);
  let refused: EngineError | null = null;
  try {
    await engine.unpause(held.containerId);
  } catch (error) {
    // late or refused: what became of it is looked at, not believed
    if (!(error instanceof EngineError) || error.code === 'engine_unreachable') throw error;
    refused = error;
  }
  const until = clock.monotonic() + readBackMs;
  for (;;) {
    const now = await inspectIfThere(engine, held.containerId);
    if (now === null) throw new FailedError('gone', `${held.containerName} is gone: it was removed by somebody`);
    if (runs(now)) return;
    if (!now.State.Running || refused !== null || clock.monotonic() > until) throw notResumed(held, now, refused);
    await clock.sleep(50, signal);
  }
}

function runs({ State }: ContainerInspect): boolean {
  return State.Running && !State.Paused;
}

function notResumed(held: Held, { State }: ContainerInspect, refused: EngineError | null): FailedError {
  const what = State.Running ? 'is still frozen' : `ended with exit code ${State.ExitCode} in place of running on`;
  const why = refused === null ? '' : ` (${refused.message})`;
  return new FailedError('not_resumed', `${held.containerName} ${what}${why}`, {
    cause: refused ?? undefined,
    hint: State.Running ? `docker unpause ${held.containerName}` : `docker logs ${held.containerName}`,
  });
}
