import { containerBook } from '../../../container/book.ts';
import { stopMs } from '../../../container/grace.ts';
import { inspectIfThere } from '../../../container/look.ts';
import { recreate } from '../../../container/recreate/recreate.ts';
import { restartContainer } from '../../../container/restart.ts';
import { settleRestart } from '../../../container/restart-handler.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { EngineError, FailedError } from '../../../domain/errors.ts';
import type { Journal } from '../../../domain/journal.ts';
import { asTarget } from '../../../domain/target.ts';
import type { DeliveryData } from './data.ts';
import { findContainer } from './find.ts';
import { HandError } from './hand-error.ts';
import { type DeliveryScope, withHands } from './hands.ts';
import type { Tell } from './schema.ts';

/** What restarting and making again are journalled with. */
export interface TellIo {
  readonly journal: Journal;
  steadyStateHolds(): Promise<boolean>;
}

/**
 * Tells the consumer that there is a new value, in its way. Id of the container that has the name then: one that was made again is another.
 * Throws `FailedError` `hook_refused`, `target_unfit`, …, `EngineError`, or the signal's reason.
 */
export async function tell(data: DeliveryData, scope: DeliveryScope, io: TellIo): Promise<{ readonly id: string }> {
  const { engine, clock, signal, runId } = scope;
  signal.throwIfAborted();
  const { container } = await findContainer(data, scope);
  switch (data.tell.how) {
    case 'restart':
      await restartContainer(asTarget(container), { graceSeconds: null }, { engine, clock, signal, journal: io.journal });
      return { id: container.Id };
    case 'recreate': {
      const all = containerBook(engine);
      const options = { runId, image: 'pinned', graceSeconds: null } as const;
      const hooks = { all: () => all({ signal }), steadyStateHolds: () => io.steadyStateHolds() };
      const [made] = await recreate([asTarget(container)], options, { engine, clock, signal, journal: io.journal, ...hooks });
      return { id: made?.newId ?? container.Id };
    }
    default:
      await nudge(container, data, data.tell, scope);
      return { id: container.Id };
  }
}

/** The same for an undo, whose journal entry is the delivery's own: what was made again is restarted, which mounts its files anew. */
export async function tellAgain(data: Pick<DeliveryData, 'container' | 'tell'>, scope: DeliveryScope): Promise<void> {
  const { engine, clock, signal } = scope;
  const { how } = data.tell;
  const found = await lastOf(data, scope);
  // one that does not run reads its files when it starts
  if (how !== 'restart' && how !== 'recreate') return found?.State.Running ? nudge(found, data, data.tell, scope) : undefined;
  if (found === null) throw new FailedError('target_gone', `${data.container.name} was removed by somebody`);
  if (found.State.Paused) throw new FailedError('target_unfit', `${data.container.name} is paused: somebody holds it`);
  if (found.State.Running) await engine.restart(found.Id);
  const before = { id: found.Id, startedAt: found.State.StartedAt, stopMs: stopMs(found, null) };
  const settled = await settleRestart(data.container.name, before, { engine, clock, signal, inFlight: false });
  if (settled.state === 'residue') throw new FailedError('restart_failed', settled.residue.join('; '));
}

async function lastOf(data: Pick<DeliveryData, 'container'>, scope: DeliveryScope): Promise<ContainerInspect | null> {
  const { id, name } = data.container;
  const first = await inspectIfThere(scope.engine, id);
  if (first?.State.Running) return first;
  return (await inspectIfThere(scope.engine, name)) ?? first;
}

async function nudge(container: ContainerInspect, data: Pick<DeliveryData, 'container'>, how: Tell, scope: DeliveryScope): Promise<void> {
  const { name } = data.container;
  if (how.how === 'signal') {
    await scope.engine.kill(container.Id, how.signal);
    const now = await inspectIfThere(scope.engine, container.Id);
    if (now?.State.Running !== true || now.State.StartedAt !== container.State.StartedAt)
      throw new FailedError('ended', `${name} ended when it was sent ${how.signal}: it has no handler for it`);
  }
  if (how.how === 'hook') await callHook(container, name, how, scope);
}

async function callHook(container: ContainerInspect, name: string, { port, path }: Extract<Tell, { how: 'hook' }>, scope: DeliveryScope) {
  const own = Object.values(container.NetworkSettings.Networks).flatMap(({ IPAddress }) => (IPAddress === '' ? [] : [IPAddress]));
  const where = `${name}: POST ${path} on its port ${port}`;
  try {
    const { status, code } = await withHands(scope, (hands) =>
      hands.inside(container).ask({ do: 'post', hosts: ['127.0.0.1', ...own], port, path }),
    );
    if (status !== null && status >= 200 && status < 300) return;
    throw new FailedError('hook_refused', `${where}: ${status === null ? `no answer (${code})` : `it answered ${status}`}`);
  } catch (error) {
    if (error instanceof HandError)
      throw new FailedError('hook_failed', `${where}: a helper could not ask (${error.reason})`, { cause: error });
    if (error instanceof EngineError && !error.lost) throw new FailedError('hook_failed', `${where}: ${error.message}`, { cause: error });
    throw error;
  }
}
