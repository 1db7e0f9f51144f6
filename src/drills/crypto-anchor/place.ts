import { isPitwalls } from '../../container/own.ts';
import type { ContainerSummary } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { InconclusiveError, InvalidError, RefusedError } from '../../domain/errors.ts';
import { isSkipped, labels, type Target } from '../../domain/target.ts';
import type { Place } from './params.ts';

/** `service anchor` */
export function placeName({ service, container, address }: Place & { readonly address?: string | undefined }): string {
  if (address !== undefined) return address;
  return service === undefined ? `container ${container}` : `service ${service}`;
}

/**
 * The containers there, stopped ones too, by name; ours are none.
 * @throws InvalidError when there are none: a name that nobody bears. RefusedError when one must be left alone.
 */
export async function findPlace(engine: Pick<Engine, 'list'>, place: Place, target: Target, where: string): Promise<ContainerSummary[]> {
  if (place.service !== undefined && target.project === null)
    throw new InvalidError('no_project', `${where}.service: ${target.name} is of no Compose project in which ${place.service} could be`, {
      hint: 'name a container instead: { container: NAME }',
    });
  const filter =
    place.service === undefined
      ? {}
      : { labels: [`${labels.composeProject}=${target.project}`, `${labels.composeService}=${place.service}`] };
  const found = (await engine.list({ all: true, ...filter }))
    .filter((one) => !isPitwalls(one.labels) && (place.container === undefined || one.name === place.container))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (found.length === 0)
    throw new InvalidError(
      'unknown_place',
      `${where}: there is no ${placeName(place)}${place.service === undefined ? '' : ` in the Compose project ${target.project}`}`,
    );
  const skipped = found.find((one) => isSkipped(one.labels));
  if (skipped !== undefined) throw new RefusedError('skipped', `${where}: ${skipped.name} must be left alone (${labels.skip})`);
  return found;
}

/** Those that run. @throws InconclusiveError when none does. */
export async function runningAt(engine: Pick<Engine, 'list'>, place: Place, target: Target, where: string): Promise<ContainerSummary[]> {
  const running = (await findPlace(engine, place, target, where)).filter(({ state }) => state === 'running');
  if (running.length === 0) throw new InconclusiveError('place_down', `${placeName(place)} does not run`);
  return running;
}

/** Whether its owner said that this kind of drill may change it: by the label, as rules of the configuration are not known here. */
export function isOptedIn(all: Readonly<Record<string, string>>): boolean {
  const kinds = (all[labels.optIn] ?? '').split(',').map((kind) => kind.trim());
  return kinds.includes('all') || kinds.includes('crypto-anchor');
}
