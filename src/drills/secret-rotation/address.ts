import { plainName } from '../../container/names.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';

/**
 * The IP address at which others reach a container: on the network that most of `others` share with it. Null when it has none of its own
 * (host network, or another container's).
 */
export function addressOf(container: ContainerInspect, others: readonly ContainerInspect[]): string | null {
  const networks = Object.entries(container.NetworkSettings.Networks).filter(([, end]) => end.IPAddress !== '');
  const shared = (name: string) =>
    others.filter((other) => other.Id !== container.Id && other.NetworkSettings.Networks[name] !== undefined).length;
  const [best] = networks.toSorted(([a], [b]) => shared(b) - shared(a) || a.localeCompare(b));
  return best?.[1].IPAddress ?? null;
}

/** `db:5432 (shop-db-1)`. */
export function pointName(service: string, port: number, container: ContainerInspect): string {
  return `${service}:${port} (${plainName(container.Name)})`;
}
