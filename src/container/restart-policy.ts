import type { ContainerInspect } from '../domain/engine/containers.ts';

/** Engines before 23 keep a policy that was not given as an empty name, and mean `no` by it. */
export function policyName({ HostConfig }: Pick<ContainerInspect, 'HostConfig'>): string {
  return HostConfig.RestartPolicy.Name || 'no';
}
