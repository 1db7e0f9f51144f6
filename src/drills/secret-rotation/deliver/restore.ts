import { EngineError, FailedError } from '../../../domain/errors.ts';
import type { DeliveryData } from './data.ts';
import { type DeliveryScope, isLost, spotOf } from './hands.ts';
import { tellAgain } from './tell.ts';
import { eachFile, forget } from './write.ts';

/**
 * The files as they were before `backup`, byte for byte, with owner and mode; the consumer told again, so that it works with them; the backups
 * gone. From wherever it was left, and as often as one likes: where there is no backup nothing had been written. Sentences on what could
 * not be put back, with what to do. Throws when the engine is lost.
 */
export async function restore(data: DeliveryData, scope: DeliveryScope): Promise<readonly string[]> {
  const { name } = data.container;
  const again = `when the cause is gone run: pitwall recover`;
  let restored = false;
  try {
    restored = await putBackFiles(data, scope);
  } catch (error) {
    if (goneWithIt(data, error)) return [];
    return [`${name}: the old value could not be put back into ${data.secret.path}: ${sentence(error)}; ${again}`];
  }
  try {
    // the backup stays until it was told: who is killed in between tells it again
    if (restored) await tellAgain(data, scope);
  } catch (error) {
    if (!(error instanceof FailedError && error.code === 'target_gone'))
      return [`${name} has the old value again, but could not be told: ${sentence(error)}; ${again}`];
  }
  try {
    const left = await forget(data, scope);
    return left.length === 0 ? [] : [`${name}: ${left.join(', ')} was left beside ${data.secret.path}: remove it`];
  } catch (error) {
    return [`${name}: the backup beside ${data.secret.path} could not be removed: ${sentence(error)}; ${again}`];
  }
}

/** The files alone; the backups stay, and nobody is told. False where there is no backup. Throws `FailedError`, `EngineError`. */
export async function putBackFiles(data: DeliveryData, scope: DeliveryScope): Promise<boolean> {
  let restored = false;
  await eachFile(data, scope, async (file, seat) => {
    const answer = await seat.ask({ do: 'restore', ...spotOf(seat, file, data.mark), before: file.before });
    restored ||= answer.restored;
  });
  return restored;
}

/** What lay in a container that was removed needs no undo. */
function goneWithIt({ secret, user }: DeliveryData, error: unknown): boolean {
  const inside = secret.source === null && (user === null || user.source === null);
  return inside && error instanceof FailedError && error.code === 'target_gone';
}

function sentence(error: unknown): string {
  if (isLost(error) || !(error instanceof FailedError || error instanceof EngineError)) throw error;
  return error.message;
}
