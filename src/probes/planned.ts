import { busyboxPath } from '../container/busybox.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { ImageInspect } from '../domain/engine/images.ts';
import type { NetworkInspect } from '../domain/engine/networks.ts';
import type { Engine } from '../domain/engine.ts';
import type { Target } from '../domain/target.ts';
import { stepsOf } from './dummy.ts';
import { gatewaysOf } from './gateways.ts';
import { observingSteps } from './observe.ts';
import { orNull } from './or-null.ts';
import type { Ground, Outside, Probe } from './probe.ts';
import { busybox } from './script.ts';

/** What the dummy of a container will be, as far as it can be told before there is one. */
export function plannedGround(
  inspect: ContainerInspect,
  image: ImageInspect,
  networks: readonly NetworkInspect[],
  outside: Outside | null,
): Ground {
  return {
    inspect,
    image,
    scratch: inspect.Mounts.filter(({ RW, Type }) => RW && Type !== 'tmpfs').map(({ Destination }) => Destination),
    gateways: gatewaysOf(inspect, Object.keys(inspect.NetworkSettings.Networks), networks),
    outside,
    mark: null,
  };
}

/** Of the targets, by id; those that are gone are not in it. */
export async function imagesOf(
  engine: Pick<Engine, 'inspectImage'>,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ImageInspect>> {
  const ids = [...new Set(targets.map(({ inspect }) => inspect.Image))];
  const found = await Promise.all(ids.map((id) => orNull(engine.inspectImage(id, { signal }))));
  return new Map(found.flatMap((image, index) => (image === null ? [] : [[ids[index] ?? '', image] as const])));
}

/** Of a helper beside a container that runs: what it is, and each command. */
export function plannedLook(inspect: ContainerInspect, name: string): string[] {
  const commands = observingSteps(inspect).map(({ run }) => `  ${run}`);
  return [`start a helper among the processes and in the network of ${name}, and in it, with B=${busyboxPath}:`, ...commands];
}

/** Of one clone: what it is for, and each command that these probes run in it; empty when they run none. */
export function plannedClone(what: string, probes: readonly Probe[], ground: Ground): string[] {
  const commands = plannedCommands(probes, ground);
  return commands.length === 0 ? [] : [`${what}, with B=${busybox}:`, ...commands.map((line) => `  ${line}`)];
}

/** `PRV-04 (dummy-only): $B unshare -U -r $B true`: exactly what is run, with the safety class of each. */
function plannedCommands(probes: readonly Probe[], ground: Ground): string[] {
  return probes.flatMap((probe) =>
    stepsOf([probe], ground).map(({ run, name }) => `${probe.id} (${probe.safety}${name === 'control' ? ', control' : ''}): ${run}`),
  );
}
