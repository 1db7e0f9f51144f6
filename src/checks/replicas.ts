import type { ContainerSummary } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { labels } from '../domain/target.ts';

/**
 * The running containers of a service of Compose or of a stack, by name; paused and restarting ones are among them, for they should be serving.
 * Whatever carries a label of ours is none of them.
 */
export async function replicas(
  where: { readonly engine: Engine; readonly project: string | null; readonly only?: (name: string) => boolean },
  service: string,
  signal?: AbortSignal,
): Promise<ContainerSummary[]> {
  if (where.project === null) return [];
  const { engine, project, only = () => true } = where;
  const compose = await engine.list({ labels: [`${labels.composeProject}=${project}`, `${labels.composeService}=${service}`] }, { signal });
  const found =
    compose.length > 0
      ? compose
      : await engine.list({ labels: [`${labels.stack}=${project}`, `${labels.swarmService}=${project}_${service}`] }, { signal });
  return found
    .filter(({ name, labels: has }) => has[labels.run] === undefined && has[labels.role] === undefined && only(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function noReplica(service: string, project: string | null): string {
  return project === null
    ? `no replica: the targets have no Compose project in which to find ${service}`
    : `no replica of ${service} is running`;
}
