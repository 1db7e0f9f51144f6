import type { EngineEvent } from '../../domain/engine/events.ts';
import type { Engine } from '../../domain/engine.ts';

export interface Witness {
  /** What the engine said of a container since the witness began, in order. */
  eventsOf(containerId: string): readonly EngineEvent[];
  /** Events may be missing: the stream was cut, or never came. */
  readonly blind: boolean;
  stop(): Promise<void>;
}

/** Saw nothing, and says so. */
export const blindWitness: Witness = { eventsOf: () => [], blind: true, stop: async () => undefined };

/** ms: engines on other machines have other clocks, and an old event does no harm. */
const backMs = 5_000;

/** Listens to the engine's own events beside what we ask and are answered. Starts at once, and nothing waits for it. */
export function openWitness(engine: Engine, now: number): Witness {
  const end = new AbortController();
  const seen = new Map<string, EngineEvent[]>();
  let blind = false;
  const listening = (async () => {
    try {
      for await (const event of engine.events({ since: now - backMs, types: ['container'], signal: end.signal })) {
        if (event.type === 'engine') blind = true;
        else if (seen.get(event.id)?.push(event) === undefined) seen.set(event.id, [event]);
      }
    } catch {
      blind = true;
    }
  })();
  return {
    eventsOf: (containerId) => seen.get(containerId) ?? [],
    get blind() {
      return blind;
    },
    async stop() {
      end.abort();
      await listening;
    },
  };
}
