import type { ContainerInspect, MountPoint } from '../domain/engine/containers.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Volumes that the engine made for this container without being given a name, and that are not mounted by name already. What comes from
 * `sources`, the containers that it takes volumes from, comes from them again.
 */
export function anonymousVolumes(inspect: ContainerInspect, sources: readonly ContainerInspect[] = []): MountPoint[] {
  const named = new Set([...bindTargets(inspect.HostConfig.Binds), ...mountTargets(inspect.HostConfig.Mounts)]);
  const inherited = sources.flatMap((source) => source.Mounts.map((mount) => `${mount.Name} ${mount.Destination}`));
  return inspect.Mounts.filter(
    (mount) =>
      mount.Type === 'volume' &&
      mount.Name !== undefined &&
      !named.has(mount.Destination) &&
      !inherited.includes(`${mount.Name} ${mount.Destination}`),
  );
}

/**
 * The same volume at its place again. `NoCopy`: an empty volume that is mounted by name would be filled from the image, and the owner
 * may have emptied it.
 */
export function mountAgain(mount: MountPoint): Json {
  return { Type: 'volume', Source: mount.Name, Target: mount.Destination, ReadOnly: !mount.RW, VolumeOptions: { NoCopy: true } };
}

/** The engine's own names for volumes. */
export function isAnonymousName(name: unknown): boolean {
  return typeof name === 'string' && /^[0-9a-f]{64}$/.test(name);
}

/** `source:target[:options]`; `target` or `target:options` alone asks for an anonymous volume. Linux paths here have no colon. */
export function hasSource(bind: string): boolean {
  return bind.split(':')[1]?.startsWith('/') ?? false;
}

function bindTargets(binds: readonly string[] | null): string[] {
  return (binds ?? []).filter(hasSource).map((bind) => trimSlash(bind.split(':')[1] as string));
}

/** A volume without a source asks for an anonymous one. */
export function isNamed(mount: Json): boolean {
  return mount.Type !== 'volume' || Boolean(mount.Source);
}

function mountTargets(mounts: readonly Json[] | null | undefined): string[] {
  return (mounts ?? []).filter(isNamed).map((mount) => trimSlash(String(mount.Target)));
}

function trimSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
