import type { Clock } from '../../domain/clock.ts';
import type { EngineEvent } from '../../domain/engine/events.ts';
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

/**
 * Its own pause and what came after. That is the last pause before it was read back: a later one is somebody's who had thawed it. Where
 * the engine's clock is ahead of ours none is before, and it is the first.
 */
function since(witness: Witness, { before, stopped }: Frozen): readonly EngineEvent[] {
  const events = witness.eventsOf(before.Id);
  const isPause = ({ action }: EngineEvent) => action === 'pause';
  const isBefore = ({ timeNano }: EngineEvent) => Number(timeNano / 1_000_000n) <= stopped.at;
  const last = events.findLastIndex((event) => isPause(event) && isBefore(event));
  const paused = last < 0 ? events.findIndex(isPause) : last;
  if (stopped.foreign || paused < 0) return events.filter(({ timeNano }) => Number(timeNano / 1_000_000n) >= stopped.at);
  return events.slice(paused);
}
