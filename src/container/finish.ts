import { EngineError } from '../domain/errors.ts';
import type { Reconciled } from '../domain/journal.ts';
import { waitHealthy } from './healthy.ts';
import { inspectIfThere, type Sight } from './look.ts';
import { plainName } from './names.ts';
import { reached } from './recreate-change.ts';
import type { SettleContext } from './settle.ts';

/** Forwards: the new ones run under their names, the old ones are removed and their volumes kept. Null when the new ones will not do. */
export async function finish(sights: readonly Sight[], step: string, context: SettleContext): Promise<Reconciled | null> {
  const { engine } = context;
  try {
    for (const { old, member } of sights.toReversed()) {
      if (old?.State.Running) await engine.stop(old.Id, { graceSeconds: member.graceSeconds ?? undefined, signal: context.signal });
    }
    for (const sight of sights) if (!(await runsUnderItsName(sight, step, context))) return null;
    for (const { old } of sights.toReversed()) if (old !== null) await engine.remove(old.Id, { force: true });
  } catch (error) {
    if (error instanceof EngineError && !error.lost) return null;
    throw error;
  }
  return read(sights, context);
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
  for (const { member, old, fresh } of sights) {
    const now = fresh === null ? null : await inspectIfThere(engine, fresh.Id);
    if (now === null || !now.State.Running || plainName(now.Name) !== member.name) {
      residue.push(`${member.name}: the new container does not run under its name; see docker ps -a, then run: pitwall recover`);
    }
    if (old !== null && (await inspectIfThere(engine, old.Id)) !== null) {
      residue.push(
        `${member.name}: the old container ${old.Id.slice(0, 12)} is still there; remove it with: docker rm ${old.Id.slice(0, 12)}`,
      );
    }
  }
  if (residue.length > 0) return { state: 'residue', residue };
  return { state: 'done', note: 'finished: the new container runs, the old one was removed, volumes were kept' };
}
