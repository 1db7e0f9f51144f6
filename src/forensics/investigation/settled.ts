import { EngineError } from '../../domain/errors.ts';
import type { Hold } from '../../domain/evidence.ts';
import type { FrozenContainer } from '../freeze/freeze-set.ts';
import { isOrdinary } from '../ordinary.ts';
import type { Disposed } from './dispose.ts';

/** What came of a disposition, or why it failed: the evidence is finished either way. */
export async function settled(
  disposed: () => Promise<Disposed>,
  one: FrozenContainer,
): Promise<{ readonly result: Disposed | null; readonly failure: string | null }> {
  try {
    return { result: await disposed(), failure: null };
  } catch (error) {
    if (!isOrdinary(error)) throw error;
    if (error instanceof EngineError && error.lost) throw error;
    const failure = error.message.startsWith(one.name) ? error.message : `${one.name}: ${error.message}`;
    return { result: null, failure };
  }
}

/** What a disposition that failed has left. */
export function heldOrNot(hold: Hold | null): string {
  return hold === null || hold.state === 'released' ? (hold?.ending ?? 'not held') : 'frozen, and held';
}
