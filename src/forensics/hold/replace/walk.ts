import { difference } from '../../../container/difference.ts';
import { waitHealthy } from '../../../container/healthy.ts';
import { imagesOf } from '../../../container/images-of.ts';
import { inspectIfThere } from '../../../container/look.ts';
import { createBodyFrom } from '../../../container/recreate/spec.ts';
import { means, volumeSources } from '../../../container/references.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { FailedError } from '../../../domain/errors.ts';
import type { Change } from '../../../domain/journal.ts';
import { detach } from '../detach.ts';
import { frozen } from '../frozen.ts';
import type { HoldIo } from '../io.ts';
import { asJson, keep } from '../kept.ts';
import { withNetworking } from '../networking.ts';
import type { Replacement, ReplaceStep } from './change.ts';
import type { ReplaceIo } from './io.ts';

/** Takes the steps, each written before it is taken. Resolves when the fresh one is healthy; throws at the first that fails. */
export async function walkReplace(
  given: Replacement,
  original: ContainerInspect,
  all: readonly ContainerInspect[],
  change: Change,
  io: ReplaceIo,
): Promise<{ readonly newId: string; readonly differs: readonly string[] }> {
  const { engine, store, signal } = io;
  let plan = given;
  const step = (name: ReplaceStep) => {
    signal.throwIfAborted();
    change.step(name, { newId: plan.newId });
  };
  const before = withNetworking(original, plan.networking);
  const images = await imagesOf(engine, before, 'pinned', { signal });
  if (typeof images === 'string') throw new FailedError('image_gone', `${plan.containerName} ${images}`);
  const { apiVersion } = await engine.info();
  const sources = all.filter((one) => volumeSources(before).some((source) => means(source, one)));
  const spec = createBodyFrom(before, images.image, { apiVersion, image: 'pinned', oldImage: images.oldImage, sources });

  step('create');
  const { id: newId } = await engine.create(plan.fresh, spec.body);
  plan = { ...plan, newId };
  // a tag may move between being looked up and being used
  if ((await engine.inspect(newId)).Image !== original.Image)
    throw new FailedError('image_moved', `${plan.containerName}: its image was changed while it was being replaced`);
  if (spec.connect.length + spec.disconnect.length > 0) {
    step('connect');
    for (const network of spec.disconnect) await engine.disconnect(network, newId);
    for (const { network, endpoint } of spec.connect) await engine.connect(network, newId, endpoint);
  }
  if (plan.policy !== null) {
    step('hold');
    keep(store, plan.evidenceId, { policy: plan.policy });
    await engine.setRestartPolicy(plan.containerId, { Name: 'no' });
  }
  step('detach');
  keep(store, plan.evidenceId, { networking: plan.networking });
  await detach(plan, io);
  step('park');
  await engine.rename(plan.containerId, plan.parked);
  step('rename');
  await engine.rename(newId, plan.containerName);
  step('start');
  // never both: whoever thawed the other
  await frozen(engine, plan);
  await engine.start(newId);
  await healthy(plan, newId, io);
  const after = await inspectIfThere(engine, newId);
  if (after === null)
    throw new FailedError('replacement_unhealthy', `${plan.containerName}: the replacement was healthy, and then was gone`);
  return { newId, differs: difference(before, after) };
}

async function healthy(plan: Replacement, newId: string, { engine, clock, signal, steadyStateHolds }: ReplaceIo): Promise<void> {
  const wait = steadyStateHolds === undefined ? { clock, signal } : { clock, signal, steadyStateHolds };
  const health = await waitHealthy(engine, newId, wait);
  if (!health.healthy) throw new FailedError('replacement_unhealthy', `${plan.containerName}: the replacement ${health.reason}`);
}

/** Makes the hold say what the world is once the fresh one has taken over. */
export function recordReplaced(plan: Replacement, newId: string, store: HoldIo['store']): void {
  keep(store, plan.evidenceId, { networking: plan.networking, policy: plan.policy, replacement: newId });
  store.holds.update(plan.evidenceId, { state: 'quarantined', containerName: plan.parked });
}

export function planData(plan: Replacement) {
  return asJson(plan) as Readonly<Record<string, ReturnType<typeof asJson>>>;
}
