import { inspectIfThere } from '../../container/look.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { ChangeRecord, Reconciled } from '../../domain/journal.ts';
import { leftPaused } from './endings.ts';
import type { Held, HoldContext } from './io.ts';
import { letGoOn } from './let-go.ts';
import { isCutOff } from './quarantine.ts';

/** A pause that nobody waits for any more may land later than this process was started. */
const landsWithinMs = 15_000;

/** A freeze whose process is gone: never left frozen without a lease, never thawed when somebody else had frozen it. */
export async function settleFreeze(held: Held, change: ChangeRecord, context: HoldContext): Promise<Reconciled> {
  const { store } = context;
  const { evidenceId, containerName: name } = held;
  const hold = store.holds.get(evidenceId);
  if (hold === null) return { state: 'undone', note: 'nothing had been done yet' };
  if (hold.state === 'released') return { state: 'done', note: `it was released: ${hold.ending}` };
  const release = (ending: string, note: string): Reconciled => {
    store.holds.release(evidenceId, ending);
    return { state: 'undone', note };
  };
  const inspect = hold.state === 'freezing' ? await landed(held, context) : await inspectIfThere(context.engine, held.containerId);
  if (inspect === null) return release('gone', `${name} is gone: it was removed by somebody`);
  if (!inspect.State.Paused) {
    if (hold.state === 'freezing') return release('never frozen', `${name} is not frozen`);
    if (change.step === 'thaw' && inspect.State.Running) return release('resumed', `${name} was thawed and runs`);
    return release(`seal broken: ${inspect.State.Running ? 'thawed' : 'ended'} by somebody`, `${name} is not frozen any more`);
  }
  if (held.foreign) return release(leftPaused, `${name} is left paused: somebody else had frozen it`);
  if (change.data.disposition === 'resume') {
    await letGoOn(held, context, 'resumed', () => undefined);
    return { state: 'done', note: `${name} was thawed and runs` };
  }
  store.holds.update(evidenceId, { state: (await isCutOff(inspect, held, context)) ? 'quarantined' : 'held' });
  return { state: 'done', note: `${name} stays frozen, held until ${new Date(hold.deadline).toISOString()}` };
}

async function landed(held: Held, { engine, clock, signal }: HoldContext): Promise<ContainerInspect | null> {
  const until = clock.monotonic() + landsWithinMs;
  for (;;) {
    const inspect = await inspectIfThere(engine, held.containerId);
    if (inspect === null || inspect.State.Paused || !inspect.State.Running || clock.monotonic() > until) return inspect;
    await clock.sleep(250, signal);
  }
}
