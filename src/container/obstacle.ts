import type { ContainerInspect } from '../domain/engine/containers.ts';
import { labels } from '../domain/target.ts';
import { isTemporary, plainName } from './names.ts';
import { dependsOn, joins, means, volumeSources } from './references.ts';

/**
 * Why a container cannot be made again, as the end of a sentence that begins with its name; null when nothing stands against it.
 * `all`: every container of the engine, stopped ones included. `together`: ids of those that are made again in the same run.
 */
export function cannotRecreate(inspect: ContainerInspect, all: readonly ContainerInspect[], together: ReadonlySet<string>): string | null {
  const others = all.filter((one) => one.Id !== inspect.Id && !isOwnHelper(one));
  const outside = others.filter((one) => !together.has(one.Id) && dependsOn(one, inspect));
  if (inspect.HostConfig.AutoRemove) return 'removes itself when it stops (--rm), so there would be no way back';
  if (labels.swarmTask in (inspect.Config.Labels ?? {})) return 'is a task of a Swarm service: its manager would replace it';
  const state = unfitState(inspect);
  if (state !== null) return state;
  if (outside.length > 0) {
    const names = outside.map((one) => plainName(one.Name)).join(', ');
    return `shares its namespaces or volumes with ${names}, which would lose them: add ${outside.length === 1 ? 'it' : 'them'} to the targets`;
  }
  const halfDone = others.find((one) => isTemporary(plainName(one.Name), plainName(inspect.Name)));
  if (halfDone !== undefined) return `is being made again by another Pitwall, or was left half done by one (${plainName(halfDone.Name)})`;
  const missing = volumeSources(inspect).find((source) => !all.some((one) => means(source, one)));
  if (missing !== undefined) return `takes its volumes from ${missing.slice(0, 12)}, which is gone`;
  const linking = others.filter((one) => linksTo(one, inspect));
  if (linking.length > 0) return `is linked to by ${linking.map((one) => plainName(one.Name)).join(', ')} (--link), which would lose it`;
  return null;
}

/** The same for a restart, which keeps the container and its mounts, but not its namespaces. */
export function cannotRestart(inspect: ContainerInspect, all: readonly ContainerInspect[], together: ReadonlySet<string>): string | null {
  if (labels.swarmTask in (inspect.Config.Labels ?? {})) return 'is a task of a Swarm service: its manager would replace it';
  const joined = all.filter(
    (one) => one.Id !== inspect.Id && !isOwnHelper(one) && one.State.Running && !together.has(one.Id) && joins(one, inspect),
  );
  if (joined.length === 0) return unfitState(inspect);
  return `shares its namespaces with ${joined.map((one) => plainName(one.Name)).join(', ')}, cut off by a restart: add ${joined.length === 1 ? 'it' : 'them'} to the targets`;
}

/** One of ours that asks a check from inside: it looks for another place when this one goes. */
function isOwnHelper(inspect: ContainerInspect): boolean {
  const own = inspect.Config.Labels ?? {};
  return labels.role in own && labels.run in own && labels.instance in own;
}

/** A state in which a container must be left alone: somebody or something is at work on it. */
export function unfitState(inspect: ContainerInspect): string | null {
  const { State } = inspect;
  if (State.Paused) return 'is paused: somebody holds it';
  if (State.Restarting) return 'is restarting';
  if (State.Dead || State.Status === 'removing') return 'is being removed';
  if (!State.Running) return `is not running (${State.Status})`;
  return null;
}

/** Legacy links are shown as `/target:/own-name/alias`. */
function linksTo(from: ContainerInspect, to: ContainerInspect): boolean {
  const shown = from.HostConfig.Links;
  return Array.isArray(shown) && shown.some((link: string) => plainName(link.split(':')[0] ?? '') === plainName(to.Name));
}
