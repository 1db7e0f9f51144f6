import { z } from 'zod';
import { inspectIfThere } from '../../container/look.ts';
import { FailedError, RefusedError } from '../../domain/errors.ts';
import type { ChangeRecord, Reconciled } from '../../domain/journal.ts';
import type { Held, HoldContext } from './io.ts';
import { letGoOn } from './let-go.ts';

/** Forwards; where that cannot be it stays frozen and held, as it was. */
export async function settleResume(held: Held, change: ChangeRecord, context: HoldContext): Promise<Reconciled> {
  const { engine, store } = context;
  const { evidenceId, containerName: name } = held;
  if (change.step === null) return { state: 'undone', note: 'nothing had been done yet' };
  const ending = z.string().parse(change.data.ending);
  const inspect = await inspectIfThere(engine, held.containerId);
  if (inspect === null) {
    store.holds.release(evidenceId, 'gone');
    return { state: 'done', note: `${name} is gone: it was removed by somebody` };
  }
  if (!inspect.State.Paused) {
    store.holds.release(evidenceId, change.step === 'thaw' ? ending : 'seal broken: thawed by somebody');
    return { state: 'done', note: `${name} is not frozen any more` };
  }
  try {
    await letGoOn(held, context, ending, () => undefined);
    return { state: 'done', note: `${name} was thawed and runs` };
  } catch (error) {
    if (!(error instanceof FailedError) && !(error instanceof RefusedError)) throw error;
    return { state: 'undone', note: `${error.message}; it stays frozen and held` };
  }
}
