import pLimit from 'p-limit';
import { plainName } from '../../../container/names.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import type { Engine } from '../../../domain/engine.ts';
import { EngineError } from '../../../domain/errors.ts';

/** ms; an engine that is asked for a container that hangs may never answer. */
const patienceMs = 5_000;
const atOnce = 8;

/**
 * The other running containers of the engine. `unseen`: names of those of which it gives no answer, though it answers otherwise: somebody's container that hangs is no
 * reason not to deliver. Throws the engine's error.
 */
export async function neighbours(
  { Id: own }: Pick<ContainerInspect, 'Id'>,
  { engine, signal }: { readonly engine: Pick<Engine, 'list' | 'inspect'>; readonly signal: AbortSignal },
): Promise<{ readonly all: readonly ContainerInspect[]; readonly unseen: readonly string[] }> {
  const limit = pLimit(atOnce);
  const unseen: string[] = [];
  const listed = (await engine.list({}, { signal })).filter(({ id }) => id !== own);
  const all = await Promise.all(
    listed.map(({ id, name }) =>
      limit(async () => {
        try {
          const inspect = await engine.inspect(id, { signal, timeoutMs: patienceMs });
          return inspect.State.Running ? [inspect] : [];
        } catch (error) {
          if (!(error instanceof EngineError) || !['not_found', 'engine_timeout'].includes(error.code)) throw error;
          if (error.code === 'engine_timeout') unseen.push(plainName(name));
          return [];
        }
      }),
    ),
  );
  // one that answers nothing at all is lost
  if (unseen.length > 0) await engine.list({}, { signal });
  return { all: all.flat(), unseen };
}
