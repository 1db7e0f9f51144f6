import { posix } from 'node:path';
import type { ContainerInspect, MountPoint } from '../../../domain/engine/containers.ts';
import type { Source } from './data.ts';

/** Where a path of a container lies, as far as its mounts tell. */
export interface MountedPlace {
  readonly place: 'folder' | 'single-file';
  readonly source: Source;
  readonly mountedAt: string;
  /** Below the source. */
  readonly inside: string;
  /** What is mounted, for people: a path of the engine's host, or a volume. */
  readonly shown: string;
}

/** Null when the path is on none of the container's mounts of folders, files and volumes. */
export function placeOf(inspect: ContainerInspect, path: string): MountedPlace | null {
  for (const asked of [path, withoutVar(path)]) {
    const mount = mountOf(inspect, asked);
    if (mount !== null) return placeOn(inspect, mount, asked);
  }
  return null;
}

/** Paths at which a container has the file that lies at `inside` of `source`. */
export function seenAt(inspect: ContainerInspect, source: Source, inside: string): { readonly path: string; readonly single: boolean }[] {
  return inspect.Mounts.flatMap((mount) => {
    const root = rootOf(inspect, mount);
    if (root === null) return [];
    const rest = relativeTo(absolute(root.source, root.inside), absolute(source, inside));
    if (rest === null || key(root.source) !== key(source)) return [];
    return [{ path: rest === '' ? mount.Destination : posix.join(mount.Destination, rest), single: rest === '' }];
  });
}

/** The most specific one that the path is on. */
function mountOf(inspect: ContainerInspect, path: string): MountPoint | null {
  const on = inspect.Mounts.filter((mount) => relativeTo(mount.Destination, path) !== null);
  return on.toSorted((a, b) => b.Destination.length - a.Destination.length)[0] ?? null;
}

function placeOn(inspect: ContainerInspect, mount: MountPoint, path: string): MountedPlace | null {
  const root = rootOf(inspect, mount);
  if (root === null) return null;
  const rest = relativeTo(mount.Destination, path) ?? '';
  const shown = root.source.type === 'bind' ? root.source.path : `volume ${root.source.name}`;
  if (rest !== '') {
    return { place: 'folder', source: root.source, mountedAt: mount.Destination, inside: posix.join(root.inside, rest), shown };
  }
  if (root.source.type === 'volume') return { place: 'single-file', source: root.source, mountedAt: '/', inside: root.inside, shown };
  const { path: file } = root.source;
  const folder = posix.dirname(file);
  return { place: 'single-file', source: { type: 'bind', path: folder }, mountedAt: folder, inside: posix.basename(file), shown: file };
}

/** What a mount mounts; null for what no helper can mount again. `inside`: the part of a volume that is mounted. */
function rootOf(inspect: ContainerInspect, mount: MountPoint): { readonly source: Source; readonly inside: string } | null {
  if (mount.Type === 'bind') return { source: { type: 'bind', path: mount.Source }, inside: '' };
  if (mount.Type !== 'volume' || mount.Name === undefined) return null;
  const asked = inspect.HostConfig.Mounts?.find((one) => one.Target === mount.Destination);
  const { Subpath } = (asked?.VolumeOptions ?? {}) as { readonly Subpath?: string };
  return { source: { type: 'volume', name: mount.Name }, inside: Subpath ?? '' };
}

/** `/run/secrets/a` seen from `/run/secrets` is `a`; null when it is not below. */
function relativeTo(folder: string, path: string): string | null {
  const rest = posix.relative(folder, path);
  return rest === '..' || rest.startsWith('../') ? null : rest;
}

function absolute(source: Source, inside: string): string {
  return posix.join(source.type === 'bind' ? source.path : '/', inside);
}

/** Folders of the host are all of one tree. */
function key(source: Source): string {
  return source.type === 'bind' ? '' : source.name;
}

/** A link in nearly every image. */
function withoutVar(path: string): string {
  return path.startsWith('/var/run/') ? path.slice('/var'.length) : path;
}
