import type { Engine } from '../../domain/engine.ts';
import type { ChangeHandler, ChangeRecord, ReconcileContext, Reconciled } from '../../domain/journal.ts';
import { changeKind, type RotationData, rotationData } from './change.ts';
import { forgetAll, restoreAll } from './deliveries.ts';
import { putBack, said } from './put-back.ts';
import { openScope } from './scope.ts';
import type { SystemScope } from './system.ts';
import { systemOf } from './systems.ts';

export interface RotationDeps {
  helperImage(engine: Engine): Promise<{ readonly reference: string }>;
  /** The database's id. */
  readonly instance: string;
  secret: SystemScope['secret'];
}

/** Puts back what a rotation had changed, or, where it had been called good, clears up after it. */
export function rotationHandler(deps: RotationDeps): ChangeHandler {
  return { kind: changeKind, afterOthers: true, reconcile: (change, context) => settle(change, context, deps) };
}

async function settle(change: ChangeRecord, context: ReconcileContext, deps: RotationDeps): Promise<Reconciled> {
  if (change.step === null) return { state: 'undone', note: 'nothing had been changed yet' };
  const data = rotationData.parse(change.data);
  await using scope = openScope({
    ...context,
    runId: change.runId,
    instance: deps.instance,
    plan: data.plan,
    credential: data.credential,
    targets: data.targets,
    helperImage: () => deps.helperImage(context.engine),
    secret: deps.secret,
    held: () => Promise.resolve(null),
    event: () => undefined,
  });
  const forward = change.step === 'commit';
  const left = await (forward ? finish(data, change.target, scope) : undo(data, change, scope));
  if (left.length > 0) return { state: 'residue', residue: left };
  if (forward) return { state: 'done', note: 'the new credential is in force; what had been kept of the old one is gone' };
  const note = data.credential === 'canary' ? await canaryNote(data) : 'the old credential works again, and the consumers have it';
  return { state: 'undone', note };
}

function undo(data: RotationData, { target, step }: ChangeRecord, scope: SystemScope): Promise<readonly string[]> {
  const files = mayHaveDelivered(data.plan, step ?? '') ? restoreAll : forgetAll;
  return putBack({ target, reopen: () => reopen(data, scope), files: () => files(data.deliveries, scope) });
}

async function canaryNote({ system }: RotationData): Promise<string> {
  return (await systemOf(system)).undoUnproven === true
    ? 'what takes the canary away was done; nobody tried it afterwards, for its values are not known any more'
    : 'the canary is gone';
}

/** Before that no consumer's file was touched. */
function mayHaveDelivered(plan: RotationData['plan'], step: string): boolean {
  const before: readonly string[] = plan === 'leak' ? ['prepare', 'refuse', 'end-sessions', 'issue'] : ['prepare', 'issue'];
  return !before.includes(step);
}

async function finish(data: RotationData, target: string, scope: SystemScope): Promise<readonly string[]> {
  const left = await said(target, async () => (await reopen(data, scope)).clear());
  return [...left, ...(await said(target, () => forgetAll(data.deliveries, scope)))];
}

async function reopen({ system, own, data }: RotationData, scope: SystemScope) {
  return (await systemOf(system)).reopen(own, data as Parameters<Awaited<ReturnType<typeof systemOf>>['reopen']>[1], scope);
}
