import { type Clock, instant } from '../../domain/clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { SealReading } from '../../domain/evidence.ts';

export interface ReadingDeps {
  readonly clock: Clock;
  freezer(inspect: ContainerInspect): Promise<SealReading['freezer']> | SealReading['freezer'];
}

/** What can be read of a frozen container in a moment; its writable layer takes longer, and is added by whoever has hashed it. */
export async function readState(engine: Engine, id: string, { clock, freezer }: ReadingDeps): Promise<Omit<SealReading, 'layer'>> {
  const [inspect, cpuNs] = await Promise.all([engine.inspect(id), cpuTime(engine, id)]);
  return { at: instant(clock.now()), paused: inspect.State.Paused, freezer: await freezer(inspect), cpuNs };
}

/** Null where the engine does not say: a proof less, not a failure. */
export async function cpuTime(engine: Engine, id: string): Promise<number | null> {
  try {
    return (await engine.usage(id, { timeoutMs: 5_000 })).cpuNs;
  } catch (error) {
    if (error instanceof EngineError) return null;
    throw error;
  }
}
