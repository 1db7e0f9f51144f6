import { inspectIfThere } from '../../container/look.ts';
import { plainName } from '../../container/names.ts';
import { FailedError, RefusedError } from '../../domain/errors.ts';
import { frozen } from './frozen.ts';
import { dataOf, type Held, type HoldContext, type HoldIo } from './io.ts';
import { keep, keptOf } from './kept.ts';
import { unquarantine } from './quarantine.ts';
import { resume } from './resume.ts';
import { restorePolicy } from './safe-kill.ts';

/**
 * Lets a held container run on as it was: with its name, its restart policy and its networks, which are put back and read back while it
 * is still frozen. Returns sentences for the reader. Throws `RefusedError` `replaced` while its name is taken, and `FailedError`; it is
 * frozen and held then.
 */
export async function letGo(held: Held, io: HoldIo, ending = 'resumed'): Promise<string[]> {
  await nameIsFree(held, io);
  const change = io.journal.open({ kind: 'resume', target: held.containerName, data: { ...dataOf(held), ending } });
  try {
    const notes = await letGoOn(held, io, ending, (step) => change.step(step));
    change.close('done', ending);
    return notes;
  } catch (error) {
    if (error instanceof FailedError || error instanceof RefusedError) change.close('undone', error.message);
    throw error;
  }
}

/** The steps alone, each a no-op when it has been done. */
export async function letGoOn(held: Held, context: HoldContext, ending: string, step: (name: string) => void): Promise<string[]> {
  const { engine, store } = context;
  const inspect = await frozen(engine, held);
  const kept = keptOf(store, held.evidenceId);
  if (plainName(inspect.Name) !== held.containerName) {
    await nameIsFree(held, context);
    step('name');
    await engine.rename(held.containerId, held.containerName);
  }
  store.holds.update(held.evidenceId, { containerName: held.containerName });
  keep(store, held.evidenceId, { replacement: null });
  if (kept.networking !== null) step('attach');
  const notes = await unquarantine(held, context);
  // only now, when nothing stands against letting it run: with its policy an engine that restarts would start it
  if (kept.policy !== null) step('policy');
  await restorePolicy(held, context);
  step('thaw');
  await resume(held, context);
  store.holds.release(held.evidenceId, ending);
  return notes;
}

/** What took its place writes to the same volumes and has its name and ports: the two must never run side by side. */
async function nameIsFree(held: Held, { engine, store }: Pick<HoldContext, 'engine' | 'store'>): Promise<void> {
  const { replacement } = keptOf(store, held.evidenceId);
  const holder = await inspectIfThere(engine, held.containerName);
  const taken = holder !== null && holder.Id !== held.containerId && plainName(holder.Name) === held.containerName ? holder : null;
  const elsewhere = replacement === null || taken !== null ? null : await inspectIfThere(engine, replacement);
  const other = taken ?? (elsewhere?.State.Running ? elsewhere : null);
  if (other === null) return;
  const name = plainName(other.Name);
  const what = other.Id === replacement ? `${name} (${other.Id.slice(0, 12)}) took its place` : `${name} is another container by now`;
  throw new RefusedError('replaced', `${held.containerName} cannot be resumed: ${what}, and the two must not run side by side`, {
    hint: `docker rm -f ${name}, then release it again; or pitwall release ${held.evidenceId} --to kill`,
  });
}
