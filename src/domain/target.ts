import type { ContainerInspect, ContainerSummary } from './engine.ts';

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
} as const;

/** A running container that a drill may touch, as it was when the run began. */
export interface Target {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** Compose's service, or null. */
  readonly service: string | null;
  /** Compose's project, or null. */
  readonly project: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** UTC ms. */
  readonly createdAt: number;
  readonly startedAt: number;
  readonly inspect: ContainerInspect;
}

/** Replicas that can stand in for each other share this key; a container without Compose is alone in its own. */
export function serviceKey(container: { readonly name: string; readonly labels: Readonly<Record<string, string>> }): string {
  const project = container.labels[labels.composeProject];
  const service = container.labels[labels.composeService];
  return project !== undefined && service !== undefined ? `${project}/${service}` : `container/${container.name}`;
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
    service: all[labels.composeService] ?? null,
    project: all[labels.composeProject] ?? null,
    labels: all,
    createdAt: Date.parse(inspect.Created),
    startedAt: Date.parse(inspect.State.StartedAt),
    inspect,
  };
}
