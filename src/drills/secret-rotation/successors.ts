import { inspectIfThere } from '../../container/look.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { isSkipped, labels } from '../../domain/target.ts';

/** What stays when Swarm puts another container in a task's place: `stack_api.1`; elsewhere the name itself. */
export function seatOf(name: string): string {
  return /^(.+\.[^.]+)\.[a-z0-9]{25}$/.exec(name)?.[1] ?? name;
}

/** Swarm never starts the container of a task again but makes another, under another name: what a service has on this engine in place of a task that is gone. */
export async function successors(engine: Engine, name: string): Promise<ContainerInspect[]> {
  const service = /^(.+)\.[^.]+\.[a-z0-9]{25}$/.exec(name)?.[1];
  if (service === undefined) return [];
  const found = await engine.list({ labels: [`${labels.swarmService}=${service}`, labels.optIn] });
  const there = await Promise.all(found.filter((one) => !isSkipped(one.labels)).map(({ id }) => inspectIfThere(engine, id)));
  return there.filter((one): one is ContainerInspect => one !== null);
}
