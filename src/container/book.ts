import pLimit from 'p-limit';
import type { CallOptions } from '../domain/engine/call.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { inspectIfThere } from './look.ts';

/**
 * All containers of an engine, stopped ones included. Each is inspected once: what a container joins and takes its volumes from never
 * changes. The state of a remembered one is as it was; its name is as it is.
 */
export function containerBook(
  engine: Pick<Engine, 'list' | 'inspect'>,
  known: readonly ContainerInspect[] = [],
): (options?: CallOptions) => Promise<ContainerInspect[]> {
  const book = new Map(known.map((inspect) => [inspect.Id, inspect]));
  const limit = pLimit(8);
  return async (options) => {
    const listed = await engine.list({ all: true }, options);
    const found = await Promise.all(
      listed.map(async ({ id, name }) => {
        const inspect = book.get(id) ?? (await limit(() => inspectIfThere(engine, id)));
        if (inspect === null) return null;
        book.set(id, inspect);
        return { ...inspect, Name: `/${name}` };
      }),
    );
    return found.filter((one) => one !== null);
  };
}
