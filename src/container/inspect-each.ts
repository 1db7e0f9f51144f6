import pLimit from 'p-limit';
import type { ContainerInspect, ContainerSummary } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';

export interface Inspected {
  /** Without those that went meanwhile. */
  readonly found: readonly ContainerInspect[];
  /** Those for which the engine had no answer in its time. */
  readonly silent: readonly ContainerSummary[];
}

/** ms; an engine that is asked for a container that hangs may never answer. */
const patienceMs = 5_000;
const atOnce = 8;

/**
 * Looks at containers that are nobody's targets. One that hangs keeps the engine from saying anything of it, while it answers for all others: that is no
 * reason to lose a drill on those. An engine that hangs itself shows it at the next call.
 */
export async function inspectEach(
  engine: Pick<Engine, 'inspect'>,
  containers: readonly ContainerSummary[],
  signal: AbortSignal,
): Promise<Inspected> {
  const limit = pLimit(atOnce);
  const silent: ContainerSummary[] = [];
  const found = await Promise.all(
    containers.map((one) =>
      limit(async () => {
        try {
          return await engine.inspect(one.id, { signal, timeoutMs: patienceMs });
        } catch (error) {
          if (!(error instanceof EngineError) || error.code === 'engine_unreachable') throw error;
          if (error.code !== 'not_found') silent.push(one);
          return null;
        }
      }),
    ),
  );
  return { found: found.filter((one) => one !== null), silent };
}
