import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError } from '../../domain/errors.ts';
import type { Reconciled } from '../../domain/journal.ts';
import { healthStatus, waitHealthy } from '../healthy.ts';
import { inspectIfThere, look, type Sight } from '../look.ts';
import { isAnonymousName } from '../mounts.ts';
import { plainName } from '../names.ts';
import { policyName } from '../restart-policy.ts';
import { reached } from './change.ts';
import type { SettleContext } from './settle-context.ts';

/** After a start without a healthcheck: long enough to see one that ends at once. */
const settleMs = 500;
const lateStopMs = 1_500;
const againMs = 1_000;
const again = 'when the cause is gone run: pitwall recover';

/** Back: the new ones removed, then the old ones with their names and restart policies, running; read back before it is believed. */
export async function putBack(sights: readonly Sight[], step: string, context: SettleContext): Promise<Reconciled> {
  const residue: string[] = [];
  const notes: string[] = [];
  const removed = new Set<Sight>();
  for (const sight of sights.toReversed()) {
    const left = await trying(sight, context, (seen) => removeNew(seen, step, context));
    if (left === null) removed.add(sight);
    else residue.push(left);
  }
  for (const sight of sights) {
    const { old, member, stranger } = sight;
    if (old === null) {
      if (removed.has(sight)) notes.push(`${member.name} was removed by somebody, so there is nothing to put back`);
    } else if (stranger !== null) {
      residue.push(
        `${member.name}: another container (${stranger.Id.slice(0, 12)}) has taken the name; the old one is kept as ${plainName(old.Name)}: ` +
          `remove one of the two, and if it is the other, run: pitwall recover`,
      );
    } else if (removed.has(sight)) {
      const left = await trying(sight, context, (seen) => restoreOld(seen, seen.old ?? old, step, context));
      if (left !== null) residue.push(left);
    }
  }
  if (residue.length > 0) return { state: 'residue', residue };
  return { state: 'undone', note: notes.length > 0 ? notes.join('; ') : 'put back: the old container runs as before' };
}

async function removeNew({ member, old, fresh, stranger }: Sight, step: string, { engine, signal }: SettleContext): Promise<string | null> {
  if (fresh === null) {
    // one on its way out still has the name: it is waited for
    await engine.remove(member.newId ?? member.fresh, { force: true });
    return null;
  }
  if (old === null && stranger === null && reached(step, 'stop')) {
    // all that is left of the service
    return `${member.name}: the old container is gone and the new one (${plainName(fresh.Name)}) does not run well; see docker logs, ${again}`;
  }
  if (fresh.State.Running) await engine.stop(fresh.Id, { graceSeconds: member.graceSeconds ?? undefined, signal });
  await engine.remove(fresh.Id, { force: true });
  for (const volume of ownVolumes(fresh, old)) await engine.removeVolume(volume);
  return null;
}

/** Anonymous volumes that came into being with the new container: a newer image may ask for more of them. */
function ownVolumes(fresh: ContainerInspect, old: ContainerInspect | null): string[] {
  if (old === null) return [];
  const kept = new Set(old.Mounts.map((mount) => mount.Name));
  return fresh.Mounts.flatMap((mount) =>
    mount.Type === 'volume' && mount.Name && isAnonymousName(mount.Name) && !kept.has(mount.Name) ? [mount.Name] : [],
  );
}

async function restoreOld({ member }: Sight, old: ContainerInspect, step: string, context: SettleContext): Promise<string | null> {
  const { engine, clock, signal } = context;
  if (plainName(old.Name) !== member.name) await engine.rename(old.Id, member.name);
  const retries = old.HostConfig.RestartPolicy.MaximumRetryCount ?? 0;
  if (policyName(old) !== member.policy.Name || retries !== (member.policy.MaximumRetryCount ?? 0)) {
    await engine.setRestartPolicy(old.Id, { Name: member.policy.Name, MaximumRetryCount: member.policy.MaximumRetryCount ?? 0 });
  }
  // before that nothing of ours could have ended it
  if (!reached(step, 'hold') && !old.State.Running) return null;
  // a stop that nobody waited for may still be on its way, and would end it after it was called safe: asked again, it is waited for
  const ending = step === 'stop' && old.State.Running && !old.State.Paused;
  if (ending) await engine.stop(old.Id, { graceSeconds: member.graceSeconds ?? undefined, signal });
  if (!old.State.Running || ending) {
    await engine.start(old.Id);
    let health = await waitHealthy(engine, old.Id, { clock, signal, settleMs });
    if (ending && health.healthy && !(await staysUp(old.Id, context))) {
      await engine.start(old.Id);
      health = await waitHealthy(engine, old.Id, { clock, signal, settleMs });
    }
    if (!health.healthy && (member.wasHealthy || !(await inspectIfThere(engine, old.Id))?.State.Running)) {
      return `${member.name}: was put back and started, but ${health.reason}; see docker logs ${member.name}`;
    }
  }
  return readBack(member.name, member.policy.Name, member.wasHealthy, await inspectIfThere(engine, old.Id));
}

/** The first of two stops may land after the start that followed the second. */
async function staysUp(id: string, { engine, clock, signal }: SettleContext): Promise<boolean> {
  await clock.sleep(lateStopMs, signal);
  return (await inspectIfThere(engine, id))?.State.Running === true;
}

function readBack(name: string, policy: string, wasHealthy: boolean, now: ContainerInspect | null): string | null {
  if (now === null) return `${name}: was removed by somebody while it was being put back; ${again}`;
  const wrong = [
    ...(now.State.Running ? [] : [`it does not run (${now.State.Status})`]),
    ...(plainName(now.Name) === name ? [] : [`it is called ${plainName(now.Name)}`]),
    ...(policyName(now) === policy ? [] : [`its restart policy is ${policyName(now)}, not ${policy}`]),
    ...(wasHealthy && healthStatus(now) === 'unhealthy' ? ['it is unhealthy'] : []),
  ];
  return wrong.length === 0 ? null : `${name}: was put back, but ${wrong.join(' and ')}; ${again}`;
}

/** A sentence for what the engine refused twice; a lost engine is not an answer. */
async function trying(sight: Sight, context: SettleContext, action: (sight: Sight) => Promise<string | null>): Promise<string | null> {
  try {
    return await action(sight);
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost) throw error;
  }
  // a busy engine refuses now and then what it does when asked again; what was done before that is seen
  await context.clock.sleep(againMs, context.signal);
  const now = await look(context.engine, sight.member);
  try {
    return await action(now);
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost) throw error;
    const hint = error.code === 'port_taken' ? 'free the port' : (error.hint ?? 'see docker ps -a');
    const which = now.old === null ? '' : ` (container ${now.old.Id.slice(0, 12)})`;
    return `${now.member.name}: could not be put back${which}: ${error.message}; ${hint}, ${again}`;
  }
}
