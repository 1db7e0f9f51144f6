import type { ContainerInspect } from '../domain/engine/containers.ts';
import { plainName } from './names.ts';

/** Id or name behind `container:…`; null for any other mode. */
export function joinedContainer(mode: string | undefined): string | null {
  return mode?.startsWith('container:') ? mode.slice('container:'.length) : null;
}

/** What a container's namespaces belong to: ids or names. */
function namespaceOwners(inspect: ContainerInspect): string[] {
  const { NetworkMode, IpcMode, PidMode } = inspect.HostConfig;
  return [NetworkMode, IpcMode, PidMode].map(joinedContainer).filter((reference) => reference !== null);
}

/** Containers that volumes are taken from: ids or names, without `:ro`. */
export function volumeSources(inspect: ContainerInspect): string[] {
  return (inspect.HostConfig.VolumesFrom ?? []).map(volumeSource);
}

export function volumeSource(entry: string): string {
  return entry.split(':')[0] as string;
}

/** Lives in a namespace of the other. */
export function joins(inspect: ContainerInspect, owner: ContainerInspect): boolean {
  return namespaceOwners(inspect).some((reference) => means(reference, owner));
}

/**
 * What goes stale when the container behind it gets a new id: namespaces always, since the joiner lives in the old one's; volumes only
 * when the source is named by its id, as Compose does.
 */
export function dependsOn(inspect: ContainerInspect, owner: ContainerInspect): boolean {
  return joins(inspect, owner) || volumeSources(inspect).some((reference) => meansById(reference, owner));
}

/** Whether a reference by id, by the start of an id or by name means this container. */
export function means(reference: string, container: { readonly Id: string; readonly Name: string }): boolean {
  return plainName(reference) === plainName(container.Name) || meansById(reference, container);
}

function meansById(reference: string, container: { readonly Id: string }): boolean {
  return /^[0-9a-f]{12,64}$/.test(reference) && container.Id.startsWith(reference);
}
