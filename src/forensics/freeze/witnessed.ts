import type { Clock } from '../../domain/clock.ts';
import type { EngineEvent } from '../../domain/engine.ts';
import type { FrozenContainer } from './freeze-set.ts';
import type { Witness } from './witness.ts';

/** ms that an event may be on its way. */
const arrivesWithinMs = 2_000;
const lookEveryMs = 20;

type Frozen = Pick<FrozenContainer, 'before' | 'stopped'>;

/**
 * What the engine reported of a container since it was frozen, and whether somebody listened. An engine that said nothing of it, not even
 * that it was paused, was not listened to: a silent witness is none.
 */
export async function witnessed(
  witness: Witness,
  one: Frozen,
  clock: Clock,
): Promise<{ readonly events: readonly EngineEvent[]; readonly watched: boolean }> {
  const until = clock.monotonic() + arrivesWithinMs;
  while (!witness.blind && since(witness, one).length === 0 && clock.monotonic() < until) await clock.sleep(lookEveryMs);
  const events = since(witness, one);
  return { events, watched: !witness.blind && events.length > 0 };
}

/** Its own pause and what came after. */
function since(witness: Witness, { before, stopped }: Frozen): readonly EngineEvent[] {
  const events = witness.eventsOf(before.Id);
  const paused = events.findLastIndex(({ action }) => action === 'pause');
  if (stopped.foreign || paused < 0) return events.filter(({ timeNano }) => Number(timeNano / 1_000_000n) >= stopped.at);
  return events.slice(paused);
}
