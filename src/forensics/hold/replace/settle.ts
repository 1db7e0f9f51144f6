import { waitHealthy } from '../../../container/healthy.ts';
import { inspectIfThere } from '../../../container/look.ts';
import { plainName } from '../../../container/names.ts';
import type { ChangeRecord, Reconciled } from '../../../domain/journal.ts';
import type { Held, HoldContext } from '../io.ts';
import { isPast, type Replacement, replacementOf, sceneOf } from './change.ts';
import { undoReplace } from './undo.ts';
import { recordReplaced } from './walk.ts';

const createdWithinMs = 5_000;

/** Forwards when the fresh one runs and is healthy, otherwise back to the frozen one. */
export async function settleReplace(held: Held, change: ChangeRecord, context: HoldContext): Promise<Reconciled> {
  if (change.step === null) return { state: 'undone', note: 'nothing had been done yet' };
  const plan = replacementOf(change.data);
  await landed(plan, change.step, context);
  const took = await tookOver(plan, change.step, context);
  if (took === null) return undoReplace(plan, context);
  if ((await inspectIfThere(context.engine, plan.containerId)) === null) {
    context.store.holds.release(plan.evidenceId, 'gone');
    return { state: 'done', note: `${held.containerName} was replaced, and the frozen one is gone: it was removed by somebody` };
  }
  recordReplaced(plan, took, context.store);
  return { state: 'done', note: `${held.containerName} was replaced; the frozen one is ${plan.parked}` };
}

/** The fresh one's id, when it runs well under the name. */
async function tookOver(plan: Replacement, step: string, context: HoldContext): Promise<string | null> {
  const { engine, clock, signal } = context;
  const { old, fresh, stranger } = await sceneOf(engine, plan);
  if (!isPast(step, 'start') || stranger !== null || fresh === null || !fresh.State.Running) return null;
  if (plainName(fresh.Name) !== plan.containerName || (old !== null && !old.State.Paused)) return null;
  return (await waitHealthy(engine, fresh.Id, { clock, signal })).healthy ? fresh.Id : null;
}

/** An engine goes on with what it was asked although the one who asked is gone. */
async function landed(plan: Replacement, step: string, { engine, clock, signal }: HoldContext): Promise<void> {
  const until = clock.monotonic() + createdWithinMs;
  const waits = step === 'create' && plan.newId === null;
  while (waits && clock.monotonic() < until && (await inspectIfThere(engine, plan.fresh)) === null) await clock.sleep(250, signal);
}
