import { inspectIfThere } from '../../container/look.ts';
import type { ChangeRecord, Reconciled } from '../../domain/journal.ts';
import { detach } from './detach.ts';
import type { Held, HoldContext } from './io.ts';
import { keep, networkingShape } from './kept.ts';

/** Forwards: whoever asked for it wants it cut off. */
export async function settleQuarantine(held: Held, change: ChangeRecord, context: HoldContext): Promise<Reconciled> {
  const { engine, store } = context;
  const { evidenceId, containerName: name } = held;
  if (change.step === null) return { state: 'undone', note: 'nothing had been done yet' };
  if (store.holds.get(evidenceId)?.state === 'released') return { state: 'done', note: 'it was released since' };
  const inspect = await inspectIfThere(engine, held.containerId);
  if (inspect === null) {
    store.holds.release(evidenceId, 'gone');
    return { state: 'done', note: `${name} is gone: it was removed by somebody` };
  }
  // the recorded state is the change's: the container may have lost some of it by now
  keep(store, evidenceId, { networking: networkingShape.parse(change.data.networking) });
  await detach(held, context);
  store.holds.update(evidenceId, { state: 'quarantined' });
  return { state: 'done', note: `${name} is frozen and connected to nothing` };
}
