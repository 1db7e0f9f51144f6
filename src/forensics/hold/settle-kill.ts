import { inspectIfThere } from '../../container/look.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { ChangeRecord, Reconciled } from '../../domain/journal.ts';
import { refusalOf } from './frozen.ts';
import type { Held, HoldContext } from './io.ts';
import { endHeld, killDataOf } from './safe-kill.ts';

/** The engine's kill, and the thaw that is part of it. */
const landsWithinMs = 3_000;
const mostTries = 5;

/** Forwards: half of its processes may be dead already. */
export async function settleKill(held: Held, change: ChangeRecord, context: HoldContext): Promise<Reconciled> {
  const { engine, store } = context;
  const { evidenceId, containerName: name } = held;
  if (change.step === null) return { state: 'undone', note: 'nothing had been done yet' };
  const { startedAt, ending } = killDataOf(change.data);
  const inspect = await ended(held, context);
  if (inspect === null || !inspect.State.Running) {
    store.holds.release(evidenceId, ending);
    return { state: 'done', note: inspect === null ? `${name} has ended and is gone` : `${name} has ended` };
  }
  if (inspect.State.StartedAt !== startedAt) {
    store.holds.release(evidenceId, 'seal broken: started again by somebody');
    return { state: 'done', note: `${name} was started again by somebody, and is left alone` };
  }
  // thawed by somebody half way: frozen again first, or its handlers would run
  if (!inspect.State.Paused) await frozenAgain(held, context);
  await endHeld(held, await engine.inspect(held.containerId), context, () => undefined);
  store.holds.release(evidenceId, ending);
  return { state: 'done', note: `${name} was ended while it was frozen` };
}

/** One that is neither frozen nor ended may be at its end this moment. */
async function ended(held: Held, { engine, clock, signal }: HoldContext): Promise<ContainerInspect | null> {
  const until = clock.monotonic() + landsWithinMs;
  for (;;) {
    const inspect = await inspectIfThere(engine, held.containerId);
    if (inspect === null || !inspect.State.Running || inspect.State.Paused || clock.monotonic() > until) return inspect;
    await clock.sleep(100, signal);
  }
}

/** On cgroup v1 a pause of one that forks much fails now and then, `unable to freeze`. */
async function frozenAgain(held: Held, { engine }: HoldContext): Promise<void> {
  for (let tries = 1; tries < mostTries; tries++) {
    if ((await refusalOf(() => engine.pause(held.containerId))) === null) return;
  }
  await engine.pause(held.containerId);
}
