import type { ContainerInspect, MountPoint } from '../../domain/engine/containers.ts';
import type { Facts } from '../probe.ts';

/** As the host has it: without a slash at its end, and without what Docker Desktop puts before a path of its own host. */
export function sourceOf({ Source }: MountPoint): string {
  return Source.replace(/^\/host_mnt(?=\/)/, '').replace(/(?<=.)\/+$/, '');
}

export function bindsOf({ Mounts }: ContainerInspect): readonly MountPoint[] {
  return Mounts.filter(({ Type }) => Type === 'bind');
}

/** Named in `allow.mounts`, by its path in the container, its volume or its path on the host. */
export function isAllowedMount({ allow }: Facts, mount: MountPoint): boolean {
  return [mount.Destination, mount.Name, mount.Source, sourceOf(mount)].some((name) => name !== undefined && allow.mounts.includes(name));
}

/** One is the other, or lies below it. */
export function overlaps(one: string, other: string): boolean {
  return isBelow(one, other) || isBelow(other, one);
}

export function isBelow(path: string, folder: string): boolean {
  return path === folder || folder === '/' || path.startsWith(`${folder}/`);
}

/** `/etc at /host/etc, which it may write`. */
export function described(mount: MountPoint): string {
  return `${mount.Name ?? sourceOf(mount)} at ${mount.Destination}, ${mount.RW ? 'which it may write' : 'read-only'}`;
}
