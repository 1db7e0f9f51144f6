import type { ContainerInspect, ContainerSummary } from '../../domain/engine/containers.ts';
import { labels } from '../../domain/target.ts';

/** What Pitwall must never touch, whatever the labels say. */
export interface Self {
  /** The container that this process runs in; null outside one. */
  readonly containerId: string | null;
  /** Where the evidence registry is reached; null when there is none. */
  readonly registry: { readonly host: string; readonly port: number } | null;
}

/**
 * Why a container is out of bounds, or null. The registry is known by its name in a network, or, where its ports are known (`inspect`), by
 * the port it publishes.
 */
export function whyProtected(container: ContainerSummary, self: Self, inspect: ContainerInspect | null): string | null {
  if (container.id === self.containerId) return 'it is Pitwall itself';
  if (container.labels[labels.role] !== undefined || container.labels[labels.run] !== undefined) return 'it is a helper of Pitwall';
  return self.registry !== null && isRegistry(container, self.registry, inspect) ? 'it is the evidence registry' : null;
}

function isRegistry(container: ContainerSummary, registry: NonNullable<Self['registry']>, inspect: ContainerInspect | null): boolean {
  if (container.name === registry.host || container.labels[labels.composeService] === registry.host) return true;
  if (inspect === null) return false;
  const asked = Object.values(inspect.HostConfig.PortBindings ?? {});
  const given = Object.values((inspect.NetworkSettings.Ports ?? {}) as NonNullable<ContainerInspect['HostConfig']['PortBindings']>);
  return [...asked, ...given].some((bindings) => bindings?.some((binding) => Number(binding.HostPort) === registry.port));
}
