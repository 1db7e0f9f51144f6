import { suggestion } from '../../config/nearest.ts';
import type { Engine } from '../../domain/engine.ts';
import { InvalidError } from '../../domain/errors.ts';
import type { PlanContext } from '../../domain/kind.ts';
import { labels, type Target } from '../../domain/target.ts';
import type { Params } from './params.ts';

type Named = Pick<PlanContext<Params>, 'engine' | 'params' | 'targets' | 'signal'>;

/**
 * What the drill says of services that are not there, a sentence; null: nothing. An image is given alone and is of no service; elsewhere it is a mistake.
 *
 * @throws InvalidError
 */
export async function countingForNothing({ engine, params, targets, signal }: Named): Promise<string | null> {
  const named = [
    ...Object.keys(params.allow).map((service) => ({ service, at: `params.allow.${service}` })),
    ...params.waivers.flatMap(({ service }, index) => (service === undefined ? [] : [{ service, at: `params.waivers[${index}].service` }])),
  ];
  if (named.length === 0) return null;
  const known = await servicesAround(engine, targets, signal);
  const unknown = named.filter(({ service }) => !known.includes(service));
  const [first] = unknown;
  const isImage = targets.every(({ inspect, project }) => inspect.State.Status === 'created' && project === null);
  if (first === undefined) return null;
  if (isImage) return `an image is of no service: ${unknown.map(({ at }) => at).join(', ')} count for nothing`;
  throw new InvalidError(
    'unknown_service',
    `${first.at}: there is no service or container ${JSON.stringify(first.service)} among the targets or in their Compose projects${suggestion(first.service, known)}`,
  );
}

/** Services of the targets' projects, running or not and picked or not; containers without a project by their names. */
async function servicesAround(engine: Engine, targets: readonly Target[], signal: AbortSignal): Promise<string[]> {
  const projects = new Set(targets.flatMap(({ project }) => (project === null ? [] : [project])));
  const all = await engine.list({ all: true }, { signal });
  const services = all.flatMap((container) => {
    const project = container.labels[labels.composeProject];
    const service = container.labels[labels.composeService];
    return project !== undefined && projects.has(project) && service !== undefined ? [service] : [];
  });
  return [...new Set([...services, ...targets.map(serviceOf)])].toSorted();
}

/** What `allow` and `waivers` call it. */
export function serviceOf(target: Target): string {
  return target.service ?? target.name;
}
