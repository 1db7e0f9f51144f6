import { z } from 'zod';
import { inspectIfThere } from '../../container/look.ts';
import { policyName } from '../../container/restart-policy.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import type { Change, ChangeData } from '../../domain/journal.ts';
import { endFrozen } from './end-frozen.ts';
import { frozen, refusalOf } from './frozen.ts';
import { dataOf, type Held, type HoldContext, type HoldIo } from './io.ts';
import { keep, keptOf } from './kept.ts';

const endedWithinMs = 30_000;

export interface Killed {
  readonly way: 'local' | 'helper' | 'ended before';
  readonly notes: readonly string[];
}

/**
 * Ends a frozen container without letting one instruction of it run: SIGKILL to all its processes while they are frozen, and only then
 * the engine's kill, which thaws. A stop, a restart, another signal or `rm -f` would thaw it first and run its handlers. It stays, stopped,
 * with the restart policy `no`; its own policy is kept with the hold, which is released. Throws `FailedError`; it is frozen then, and held.
 */
export async function safeKill(held: Held, io: HoldIo, ending = 'killed'): Promise<Killed> {
  const inspect = await frozen(io.engine, held);
  const { StartedAt } = inspect.State;
  const change = io.journal.open({
    kind: 'safe-kill',
    target: held.containerName,
    data: { ...dataOf(held), startedAt: StartedAt, ending },
  });
  try {
    const killed = await endHeld(held, inspect, io, (step) => change.step(step));
    io.store.holds.release(held.evidenceId, ending);
    change.close('done', `ended while it was frozen (${killed.way})`);
    return killed;
  } catch (error) {
    if (error instanceof FailedError) await backToHeld(held, change, io);
    throw error;
  }
}

/** The steps alone, each a no-op when it has been done. Throws `FailedError` while it is still frozen. */
export async function endHeld(held: Held, inspect: ContainerInspect, context: HoldContext, step: (name: string) => void): Promise<Killed> {
  const { engine, store } = context;
  const policy = policyName(inspect);
  if (policy !== 'no') {
    const { MaximumRetryCount } = inspect.HostConfig.RestartPolicy;
    keep(store, held.evidenceId, { policy: { Name: policy, MaximumRetryCount: MaximumRetryCount ?? 0 } });
    step('policy');
    // the engine has no such call for one that removes itself; that one has no policy either
    await engine.setRestartPolicy(held.containerId, { Name: 'no' });
  }
  step('end-processes');
  const way = await endFrozen(held, inspect, context);
  step('kill');
  const refused = await refusalOf(() => engine.kill(held.containerId, 'KILL'));
  const left = await untilEnded(held, context);
  if (left !== null)
    throw new FailedError('not_ended', `${held.containerName} did not end${refused === null ? '' : ` (${refused.message})`}`);
  return { way, notes: notesOf(inspect, policy) };
}

/** Null when it has ended. */
async function untilEnded(held: Held, { engine, clock, signal }: HoldContext): Promise<ContainerInspect | null> {
  const until = clock.monotonic() + endedWithinMs;
  for (;;) {
    const now = await inspectIfThere(engine, held.containerId);
    if (now === null || !now.State.Running) return null;
    if (clock.monotonic() > until) return now;
    await clock.sleep(50, signal);
  }
}

function notesOf(inspect: ContainerInspect, policy: string): string[] {
  const { AutoRemove } = inspect.HostConfig;
  return [
    ...(AutoRemove ? ['it removed itself when it ended (--rm), with its anonymous volumes: the evidence is what is left of it'] : []),
    ...(policy === 'no' ? [] : [`its restart policy was ${policy} and is no now, so that nothing starts it again`]),
  ];
}

/** It could not be ended, and is frozen as before: its policy goes back. */
async function backToHeld(held: Held, change: Change, io: HoldIo): Promise<void> {
  try {
    await restorePolicy(held, io);
    change.close('undone', 'it could not be ended, and stays frozen');
  } catch (error) {
    // the handler puts it right; what went wrong first is what is told
    if (!(error instanceof EngineError)) throw error;
  }
}

/** The restart policy that it had before we set it to `no`. */
export async function restorePolicy(held: Held, { engine, store }: Pick<HoldContext, 'engine' | 'store'>): Promise<void> {
  const { policy } = keptOf(store, held.evidenceId);
  if (policy === null) return;
  await engine.setRestartPolicy(held.containerId, { Name: policy.Name, MaximumRetryCount: policy.MaximumRetryCount ?? 0 });
  keep(store, held.evidenceId, { policy: null });
}

const killData = z.object({
  /** When it had last been started: another start is somebody else's. */
  startedAt: z.string(),
  ending: z.string(),
});

export function killDataOf(data: ChangeData): z.infer<typeof killData> {
  return killData.parse(data);
}
