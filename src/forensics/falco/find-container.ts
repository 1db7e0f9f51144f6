import type { ContainerSummary } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, errorBody } from '../../domain/errors.ts';

export type AlertEngine = Pick<Engine, 'name' | 'environment' | 'list' | 'info'>;

export interface FoundContainer {
  readonly engine: AlertEngine;
  readonly engineId: string;
  readonly container: ContainerSummary;
}

export type Found =
  | { readonly state: 'found'; readonly found: FoundContainer }
  | { readonly state: 'none' }
  | { readonly state: 'ambiguous'; readonly reason: string };

/** Finds a container that runs, or is paused, by the beginning of its id, on all engines. */
export type FindContainer = (id: string) => Promise<Found>;

/** Whoever sent the alert waits. */
const timeoutMs = 5_000;

/**
 * A storm of alerts does not become a storm of questions: each engine has one question under way at a time, and whoever comes meanwhile
 * shares the next one. The finder rejects with `engine_unreachable` when nothing was found and an engine did not answer.
 */
export function containerFinder(engines: readonly AlertEngine[]): FindContainer {
  const lists = engines.map((engine) => ({ engine, ask: shared(() => engine.list({}, { timeoutMs })) }));
  return async (id) => {
    const answers = await Promise.allSettled(
      lists.map(async ({ engine, ask }) =>
        (await ask()).filter((one) => one.id.startsWith(id)).map((container) => ({ engine, container })),
      ),
    );
    const hits = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const [first] = hits;
    if (first === undefined) {
      const lost = answers.find((answer) => answer.status === 'rejected');
      if (lost === undefined) return { state: 'none' };
      const message = `container ${id} is on no engine that answers: ${errorBody(lost.reason).error.message}`;
      throw new EngineError('engine_unreachable', message, { cause: lost.reason });
    }
    const ids = await Promise.all(hits.map(async ({ engine }) => (await engine.info({ timeoutMs })).id));
    // The same engine may be listed under two names.
    if (hits.some((hit, i) => hit.container.id !== first.container.id || ids[i] !== ids[0])) {
      const where = hits.map(({ engine, container }) => `${container.name} on ${engine.name}`).join(', ');
      return { state: 'ambiguous', reason: `${id} is the beginning of several ids: ${where}` };
    }
    return { state: 'found', found: { ...first, engineId: ids[0] as string } };
  };
}

/** Every answer was asked for after its caller came, and never twice at the same time. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    next ??= underWay.then(() => {
      next = null;
      const answer = ask();
      underWay = answer.catch(() => undefined);
      return answer;
    });
    return next;
  };
}
