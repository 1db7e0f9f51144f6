import { z } from 'zod';
import { inspectIfThere } from '../../container/look.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { ChangeHandler, Reconciled } from '../../domain/journal.ts';
import { uproot } from './plant.ts';

/** Canaries in a target. Nothing of it is secret: what is in memory is not written down. */
const canaryData = z.object({
  id: z.string(),
  token: z.string(),
  /** The folder of the busybox, which is removed too, and its path. */
  folder: z.string(),
  tool: z.string(),
  tmpfs: z.array(z.string()),
});
export type CanaryData = z.infer<typeof canaryData>;

/** Takes canaries out of a target again, whatever the one who planted them had got to. */
export const canaryHandler: ChangeHandler = {
  kind: 'canary',
  reconcile: (change, { engine }) => takeOut(engine, change.target, canaryData.parse(change.data)),
};

/** Proven by reading back. Throws when the engine is lost. */
export async function takeOut(engine: Engine, name: string, data: CanaryData): Promise<Reconciled> {
  const again = 'then run: pitwall recover';
  const inspect = await inspectIfThere(engine, data.id);
  if (inspect === null) return { state: 'undone', note: `${name} is gone, and the canaries with it` };
  if (inspect.State.Paused) return residue(`${name}: the canaries are still in it, for it is frozen: resume it, ${again}`);
  try {
    if ((await engine.statPath(data.id, data.folder)) === null)
      return { state: 'undone', note: 'no canaries were planted, or none are left' };
    if (!inspect.State.Running) return residue(`${name}: ${data.folder} is still in it, for it does not run: start it, ${again}`);
    const left = await uproot(engine, data, data.token);
    if (left.length > 0) return residue(`${name}: of the canaries there is still ${left.join(', ')}: remove it, ${again}`);
    // root's, so only root can; busybox goes on although its file is gone
    await engine.exec(data.id, [data.tool, 'rm', '-rf', data.folder], { user: '0:0' });
    if ((await engine.statPath(data.id, data.folder)) !== null)
      return residue(`${name}: ${data.folder} could not be removed: remove it, ${again}`);
    return { state: 'undone', note: 'the canaries were taken out again' };
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost) throw error;
    return residue(`${name}: the canaries could not be taken out (${error.message}): when the cause is gone, run: pitwall recover`);
  }
}

function residue(sentence: string): Reconciled {
  return { state: 'residue', residue: [sentence] };
}
