import type { ContainerInspect } from '../domain/engine/containers.ts';

const serviceLabels = ['com.docker.compose.project', 'com.docker.compose.service', 'com.docker.swarm.service.id'];

/** Replicas of one service of Compose or Swarm. A container without either is none of anybody's. */
export function sameService(a: ContainerInspect, b: ContainerInspect): boolean {
  const [one, two] = [a.Config.Labels ?? {}, b.Config.Labels ?? {}];
  return serviceLabels.some((name) => one[name] !== undefined) && serviceLabels.every((name) => one[name] === two[name]);
}
