import { EngineError } from '../../domain/errors.ts';
import type { Reconciled } from '../../domain/journal.ts';
import { waitHealthy } from '../healthy.ts';
import { inspectIfThere, type Sight } from '../look.ts';
import { plainName } from '../names.ts';
import { reached } from './change.ts';
import type { SettleContext } from './settle-context.ts';

/** Forwards: the new ones run under their names, the old ones are removed and their volumes kept. Null when the new ones will not do. */
export async function finish(sights: readonly Sight[], step: string, context: SettleContext): Promise<Reconciled | null> {
  const { engine } = context;
  try {
    for (const { old, member } of sights.toReversed()) {
      if (old?.State.Running) await engine.stop(old.Id, { graceSeconds: member.graceSeconds ?? undefined, signal: context.signal });
    }
    for (const sight of sights) if (!(await runsUnderItsName(sight, step, context))) return null;
  } catch (error) {
    if (error instanceof EngineError && !error.lost) return null;
    throw error;
  }
  const left = await removeOld(sights, context);
  return left.length > 0 ? { state: 'residue', residue: left } : read(sights, context);
}

/** That an old one cannot be removed takes nothing from the new one, which runs. */
async function removeOld(sights: readonly Sight[], { engine }: SettleContext): Promise<string[]> {
  const left: string[] = [];
  for (const { member } of sights.toReversed()) {
    try {
      // asked of one as well that seems gone: one on its way out is waited for
      await engine.remove(member.id, { force: true });
    } catch (error) {
      if (!(error instanceof EngineError) || error.lost) throw error;
      left.push(
        `${member.name}: the new container runs, but the old one (${member.id.slice(0, 12)}) could not be removed: ${error.message}; run: pitwall recover`,
      );
    }
  }
  return left;
}

async function runsUnderItsName({ member, old, fresh }: Sight, step: string, { engine, clock, signal }: SettleContext): Promise<boolean> {
  if (fresh === null) return false;
  if (plainName(fresh.Name) !== member.name) {
    if (old !== null && plainName(old.Name) === member.name) await engine.rename(old.Id, member.parked);
    await engine.rename(fresh.Id, member.name);
  }
  // it was healthy when the journal reached this step; if it runs on, that is believed
  if (fresh.State.Running && reached(step, 'remove-old')) return true;
  if (!fresh.State.Running) await engine.start(fresh.Id);
  const health = await waitHealthy(engine, fresh.Id, { clock, signal });
  return health.healthy;
}

async function read(sights: readonly Sight[], { engine }: SettleContext): Promise<Reconciled> {
  const residue: string[] = [];
  for (const { member, fresh } of sights) {
    const now = fresh === null ? null : await inspectIfThere(engine, fresh.Id);
    if (now === null || !now.State.Running || plainName(now.Name) !== member.name) {
      residue.push(`${member.name}: the new container does not run under its name; see docker ps -a, then run: pitwall recover`);
    }
  }
  if (residue.length > 0) return { state: 'residue', residue };
  return { state: 'done', note: 'finished: the new container runs, the old one was removed, volumes were kept' };
}
