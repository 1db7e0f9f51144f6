import { containerBook } from '../../../container/book.ts';
import { policyName } from '../../../container/restart-policy.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { EngineError, FailedError } from '../../../domain/errors.ts';
import type { Change, Reconciled } from '../../../domain/journal.ts';
import { labels } from '../../../domain/target.ts';
import { frozen } from '../frozen.ts';
import { dataOf, type Held, type HoldIo } from '../io.ts';
import { keptOf } from '../kept.ts';
import { networkingOf } from '../networking.ts';
import { isCutOff } from '../quarantine.ts';
import { cannotReplace } from './cannot-replace.ts';
import type { Replacement } from './change.ts';
import type { Replaced, ReplaceIo } from './io.ts';
import { replaceNames } from './names.ts';
import { undoReplace } from './undo.ts';
import { planData, recordReplaced, walkReplace } from './walk.ts';

/**
 * A fresh container from the same image takes the name, networks, chosen addresses and ports of a frozen one, which stays frozen and held
 * under another name, cut off, with the restart policy `no`. When it does not become healthy it is removed, and the frozen one gets
 * everything back. Throws `FailedError`, `code` `cannot_replace` before anything was touched; the signal's reason when that aborts.
 */
export async function replace(held: Held, io: ReplaceIo): Promise<Replaced> {
  const { engine, clock, journal, store } = io;
  const began = clock.monotonic();
  const inspect = await frozen(engine, held);
  const all = await containerBook(engine, [inspect])();
  const obstacle = cannotReplace(inspect, all);
  if (obstacle !== null)
    throw new FailedError('cannot_replace', `${held.containerName} ${obstacle}; it stays frozen, and nothing was changed`);
  const plan = await planOf(held, inspect, io);
  const change = journal.open({ kind: 'replace', target: held.containerName, data: planData(plan) });
  try {
    const { newId, differs } = await walkReplace(plan, inspect, all, change, io);
    const downtimeMs = io.frozenForMs + clock.monotonic() - began;
    recordReplaced(plan, newId, store);
    change.close('done', `replaced by ${newId.slice(0, 12)}`);
    return { newId, parked: plan.parked, downtimeMs, notes: notesOf(plan, inspect, differs) };
  } catch (error) {
    if (!isOrdinary(error, io)) throw error;
    throw failure(held, error, await undoNow(plan, change, io), io.signal);
  }
}

async function planOf(held: Held, inspect: ContainerInspect, io: HoldIo): Promise<Replacement> {
  const { store, proc } = io;
  const cutOff = await isCutOff(inspect, held, io);
  const policy = policyName(inspect);
  const { MaximumRetryCount } = inspect.HostConfig.RestartPolicy;
  return {
    ...(dataOf(held) as unknown as Held),
    ...replaceNames(held.evidenceId, held.containerId, held.containerName),
    newId: null,
    networking: (cutOff ? keptOf(store, held.evidenceId).networking : null) ?? networkingOf(inspect, proc),
    wasCutOff: cutOff,
    policy: policy === 'no' ? null : { Name: policy, MaximumRetryCount: MaximumRetryCount ?? 0 },
  };
}

/** Not a lost engine and not a defect: then the change stays open for the handler. */
function isOrdinary(error: unknown, { signal }: HoldIo): boolean {
  return error instanceof FailedError || (error instanceof EngineError && !error.lost) || (signal.aborted && error === signal.reason);
}

/** With a deadline of its own and never the run's signal: an undo is not interrupted. */
async function undoNow(plan: Replacement, change: Change, io: HoldIo): Promise<Reconciled> {
  const newId = change.record.data.newId;
  const settled = await undoReplace(
    { ...plan, newId: typeof newId === 'string' ? newId : null },
    { ...io, signal: AbortSignal.timeout(120_000) },
  );
  change.close(settled.state, settled.state === 'residue' ? settled.residue.join('; ') : settled.note);
  return settled;
}

function failure(held: Held, error: unknown, settled: Reconciled, signal: AbortSignal): unknown {
  if (signal.aborted && error === signal.reason) return error;
  const what = error instanceof FailedError ? error.message : `${held.containerName}: ${(error as Error).message}`;
  const then = settled.state === 'residue' ? settled.residue.join('; ') : settled.note;
  const code = error instanceof FailedError ? error.code : 'replace_failed';
  return new FailedError(code, `${what}; ${then}`, { cause: error, context: { settled: settled.state } });
}

function notesOf(plan: Replacement, inspect: ContainerInspect, differs: readonly string[]): string[] {
  const name = plan.containerName;
  const shared = inspect.Mounts.filter(({ Type, RW }) => RW && (Type === 'volume' || Type === 'bind')).map((mount) => mount.Destination);
  const { project, service } = composeOf(inspect);
  return [
    ...(shared.length > 0
      ? [
          `${name}: the replacement writes to the same volumes (${shared.join(', ')}): what the frozen one had there changes from now on, and ` +
            'the frozen one must not be resumed while the replacement is there',
        ]
      : []),
    ...(service === undefined
      ? []
      : [
          `${name}: docker compose ps shows the frozen one, ${plan.parked}, beside its replacement as ${service} of ${project}, for its labels cannot be ` +
            'changed; docker compose up, down, stop or restart of that service would thaw, stop or remove it: not before it is released',
        ]),
    ...(differs.length > 0 ? [`${name}: the replacement differs in ${differs.join(', ')}`] : []),
  ];
}

function composeOf(inspect: ContainerInspect) {
  const all = inspect.Config.Labels ?? {};
  return { project: all[labels.composeProject], service: all[labels.composeService] };
}
