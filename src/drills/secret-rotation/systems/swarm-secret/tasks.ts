import type { TaskInspect } from '../../../../domain/engine/swarm.ts';
import type { Engine } from '../../../../domain/engine.ts';

/** Their containers have ended, or never began. */
const over = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove']);

/** Has a container that may run: also one that Swarm wants to end and that is still in its grace period, or on a node that is not heard of. */
export function isAlive({ Status }: TaskInspect): boolean {
  return !over.has(Status.State);
}

export function mounts({ Spec }: TaskInspect, secret: string): boolean {
  return Spec.ContainerSpec?.Secrets?.some(({ SecretID }) => SecretID === secret) ?? false;
}

/** The name that Swarm gives the task's container. */
export function containerName(service: string, { Slot, NodeID, ID }: TaskInspect): string {
  return `${service}.${Slot === undefined || Slot === 0 ? (NodeID ?? '') : Slot}.${ID}`;
}

/** A container in which a version of the secret is still mounted. */
export interface StillMounted {
  readonly container: string;
  readonly service: string;
  /** What Swarm says of the service's last update: `paused`, …; null when there was none. */
  readonly update: string | null;
}

/** Of all services and all nodes, by name. */
export async function stillMounting(engine: Engine, secret: string, signal: AbortSignal): Promise<readonly StillMounted[]> {
  const tasks = (await engine.tasks({}, { signal })).filter((task) => isAlive(task) && mounts(task, secret));
  if (tasks.length === 0) return [];
  const services = new Map((await engine.services({ signal })).map((service) => [service.ID, service]));
  return tasks
    .map((task) => {
      const service = services.get(task.ServiceID);
      const name = service?.Spec.Name ?? task.ServiceID;
      return { container: containerName(name, task), service: name, update: service?.UpdateStatus?.State ?? null };
    })
    .toSorted((a, b) => a.container.localeCompare(b.container));
}

/** `shop_api.2.x1 (the update of service shop_api is paused)`. */
export function sayMounted(all: readonly StillMounted[]): string {
  return all
    .map(({ container, service, update }) => {
      const stopped = update === 'paused' || update === 'rollback_paused';
      return stopped ? `${container} (the update of service ${service} is paused)` : container;
    })
    .join(', ');
}
