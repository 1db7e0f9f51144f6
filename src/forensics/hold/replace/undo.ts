import { isAnonymousName } from '../../../container/mounts.ts';
import { plainName } from '../../../container/names.ts';
import { policyName } from '../../../container/restart-policy.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { EngineError, FailedError } from '../../../domain/errors.ts';
import type { Reconciled } from '../../../domain/journal.ts';
import { attach } from '../attach.ts';
import type { HoldContext } from '../io.ts';
import { keep } from '../kept.ts';
import { type Replacement, type Scene, sceneOf } from './change.ts';

const again = 'when the cause is gone run: pitwall recover';

/**
 * Back: the fresh one removed, and the frozen one, still frozen, with its name, its policy and its networks; read back before it is
 * believed. Looks at the world and not at what should have happened, so it can be killed and asked again.
 */
export async function undoReplace(plan: Replacement, context: HoldContext): Promise<Reconciled> {
  const { engine, store } = context;
  try {
    const scene = await sceneOf(engine, plan);
    const name = plan.containerName;
    if (scene.old === null && scene.fresh?.State.Running) {
      return left(
        `${name}: the frozen container is gone, and what was to replace it does not run well (${plainName(scene.fresh.Name)}); see docker logs`,
      );
    }
    await removeFresh(plan, scene, context);
    if (scene.old === null) return { state: 'undone', note: `${name} was removed by somebody, so there is nothing to put back` };
    if (scene.stranger !== null) {
      const other = scene.stranger.Id.slice(0, 12);
      return left(
        `${name}: another container (${other}) has taken the name; the frozen one is kept as ${plainName(scene.old.Name)}: remove one of the two`,
      );
    }
    if (plainName(scene.old.Name) !== name) await engine.rename(plan.containerId, name);
    if (plan.policy !== null && policyName(scene.old) !== plan.policy.Name) {
      await engine.setRestartPolicy(plan.containerId, { Name: plan.policy.Name, MaximumRetryCount: plan.policy.MaximumRetryCount ?? 0 });
    }
    keep(store, plan.evidenceId, { replacement: null, policy: null });
    store.holds.update(plan.evidenceId, { containerName: name });
    if (!scene.old.State.Paused)
      return left(`${name}: was thawed by somebody while it was being replaced; its networks are as they were left`);
    if (plan.wasCutOff) return { state: 'undone', note: 'put back: frozen and cut off as before' };
    await attach(plan, plan.networking, context);
    keep(store, plan.evidenceId, { networking: null });
    store.holds.update(plan.evidenceId, { state: 'held' });
    return { state: 'undone', note: 'put back: frozen under its name, with its networks, and held' };
  } catch (error) {
    if (error instanceof EngineError ? error.lost : !(error instanceof FailedError)) throw error;
    return left(
      `${plan.containerName}: could not be put back whole: ${(error as Error).message}; it stays frozen (container ${plan.containerId.slice(0, 12)})`,
    );
  }
}

async function removeFresh(plan: Replacement, { fresh, old }: Scene, { engine, signal }: HoldContext): Promise<void> {
  if (fresh?.State.Running) await engine.stop(fresh.Id, { signal });
  // one on its way out still has the name: it is waited for
  await engine.remove(fresh?.Id ?? plan.newId ?? plan.fresh, { force: true });
  for (const volume of ownVolumes(fresh, old)) await engine.removeVolume(volume);
}

/** Anonymous volumes that came into being with the fresh one. */
function ownVolumes(fresh: ContainerInspect | null, old: ContainerInspect | null): string[] {
  if (fresh === null || old === null) return [];
  const kept = new Set(old.Mounts.map((mount) => mount.Name));
  return fresh.Mounts.flatMap(({ Type, Name }) => (Type === 'volume' && Name && isAnonymousName(Name) && !kept.has(Name) ? [Name] : []));
}

function left(sentence: string): Reconciled {
  return { state: 'residue', residue: [`${sentence}; ${again}`] };
}
