import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import type { SystemScope } from '../../system.ts';
import { type Asker, openAsker } from './asker.ts';

/** Helpers from which steps ask, one for each container, kept open until `close`: starting one takes longer than most answers. */
export interface Askers {
  /** Null when it did not come to listen. */
  beside(container: ContainerInspect): Promise<Asker | null>;
  /** It hangs, or what it asks is given up: its connection ends with it. */
  drop(container: ContainerInspect): Promise<void>;
  close(): Promise<void>;
}

export function newAskers(scope: SystemScope): Askers {
  const open = new Map<string, Asker>();
  return {
    async beside(container) {
      const known = open.get(container.Id);
      if (known?.startedAt === container.State.StartedAt) return known;
      await this.drop(container);
      const asker = await openAsker(container, scope);
      if (asker !== null) open.set(container.Id, asker);
      return asker;
    },
    async drop({ Id }) {
      const known = open.get(Id);
      open.delete(Id);
      await known?.close();
    },
    async close() {
      const all = [...open.values()];
      open.clear();
      await Promise.all(all.map((asker) => asker.close()));
    },
  };
}
