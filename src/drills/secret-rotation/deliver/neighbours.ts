import { inspectEach } from '../../../container/inspect-each.ts';
import { plainName } from '../../../container/names.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import type { Engine } from '../../../domain/engine.ts';

/**
 * The other running containers of the engine. `unseen`: names of those of which it gives no answer, though it answers otherwise: somebody's container that hangs is no
 * reason not to deliver. Throws the engine's error.
 */
export async function neighbours(
  { Id: own }: Pick<ContainerInspect, 'Id'>,
  { engine, signal }: { readonly engine: Pick<Engine, 'list' | 'inspect'>; readonly signal: AbortSignal },
): Promise<{ readonly all: readonly ContainerInspect[]; readonly unseen: readonly string[] }> {
  const listed = (await engine.list({}, { signal })).filter(({ id }) => id !== own);
  const { found, silent } = await inspectEach(engine, listed, signal);
  // one that answers nothing at all is lost
  if (silent.length > 0) await engine.list({}, { signal });
  return { all: found.filter(({ State }) => State.Running), unseen: silent.map(({ name }) => plainName(name)) };
}
