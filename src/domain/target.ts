import type { ContainerInspect, ContainerSummary } from './engine/containers.ts';

/** Labels that people and Pitwall put on containers. */
export const labels = {
  optIn: 'pitwall.drills',
  skip: 'pitwall.skip',
  run: 'pitwall.run',
  role: 'pitwall.role',
  instance: 'pitwall.instance',
  expires: 'pitwall.expires',
  composeProject: 'com.docker.compose.project',
  composeService: 'com.docker.compose.service',
  composeImage: 'com.docker.compose.image',
  swarmTask: 'com.docker.swarm.task.id',
  /** Id of the service that a task is of, and its whole name, the stack's prefix included. */
  swarmServiceId: 'com.docker.swarm.service.id',
  swarmService: 'com.docker.swarm.service.name',
  stack: 'com.docker.stack.namespace',
} as const;

/** A running container that a drill may touch, as it was when the run began. */
export interface Target {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** Compose's or Swarm's service, or null. */
  readonly service: string | null;
  /** Compose's project or Swarm's stack, or null. */
  readonly project: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** UTC ms. */
  readonly createdAt: number;
  readonly startedAt: number;
  readonly inspect: ContainerInspect;
}

/** What a container is of: Compose's project and service, or Swarm's stack and service. In a stack the service has the name that its file gives it. */
export function belonging(given: Readonly<Record<string, string>>): { readonly project: string | null; readonly service: string | null } {
  const task = given[labels.swarmService];
  if (task === undefined) return { project: given[labels.composeProject] ?? null, service: given[labels.composeService] ?? null };
  const stack = given[labels.stack];
  return { project: stack ?? null, service: stack !== undefined && task.startsWith(`${stack}_`) ? task.slice(stack.length + 1) : task };
}

/** Replicas that can stand in for each other share this key; a container of no service is alone in its own. */
export function serviceKey(container: { readonly name: string; readonly labels: Readonly<Record<string, string>> }): string {
  const { project, service } = belonging(container.labels);
  if (service !== null && labels.swarmService in container.labels) return `${project ?? ''}/${service}`;
  return project !== null && service !== null ? `${project}/${service}` : `container/${container.name}`;
}

/** Whoever wrote "yes" or "1" meant it: only a clear "false" lets us pass. */
export function isSkipped(given: Readonly<Record<string, string>> | null): boolean {
  const skip = given?.[labels.skip];
  return skip !== undefined && skip.trim().toLowerCase() !== 'false';
}

/** Runs and is not unhealthy: what `minHealthy` counts. Docker writes the health into the status sentence. */
export function countsAsHealthy(container: Pick<ContainerSummary, 'state' | 'status'>): boolean {
  return container.state === 'running' && !container.status.includes('(unhealthy)');
}

export function asTarget(inspect: ContainerInspect): Target {
  const all = inspect.Config.Labels ?? {};
  return {
    id: inspect.Id,
    name: inspect.Name.replace(/^\//, ''),
    image: inspect.Config.Image,
    ...belonging(all),
    labels: all,
    createdAt: Date.parse(inspect.Created),
    startedAt: Date.parse(inspect.State.StartedAt),
    inspect,
  };
}
