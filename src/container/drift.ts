import pLimit from 'p-limit';
import type { CallOptions } from '../domain/engine/call.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { FileChange } from '../domain/engine/files.ts';
import type { Engine } from '../domain/engine.ts';

/** What a container's layer holds beside its image: the artifact `drift` has one for each target. Lists are cut, counts never. */
export interface Drift {
  /** Files that were added, changed or deleted. */
  readonly files: number;
  readonly added: number;
  readonly modified: number;
  readonly deleted: number;
  /** By path, at most `listed` of them. */
  readonly changes: readonly { readonly path: string; readonly kind: FileChange['kind'] }[];
  /** Regular files among the added and changed ones that somebody may execute. */
  readonly executables: readonly string[];
  /** What was cut or could not be seen, a sentence each. */
  readonly notes: readonly string[];
}

export const listed = 1_000;
const looked = 200;
/** A big layer is walked file by file. */
const changesMs = 60_000;

/** Compares a container's layer with its image. Mounts are not in the layer, and their mount points are the engine's doing. */
export async function drift(
  engine: Pick<Engine, 'changes' | 'statPath'>,
  inspect: ContainerInspect,
  options: CallOptions = {},
): Promise<Drift> {
  const all = await engine.changes(inspect.Id, { timeoutMs: changesMs, ...options });
  const files = withoutFolders(all.filter((change) => !isMountPoint(change.path, inspect)));
  const present = files.filter((change) => change.kind !== 'deleted');
  const sample = spread(present, looked);
  const limit = pLimit(4);
  const stats = await Promise.all(sample.map((change) => limit(() => engine.statPath(inspect.Id, change.path, options))));
  const folders = new Set(sample.filter((_, index) => stats[index]?.isDirectory).map((change) => change.path));
  const executables = sample.filter((_, index) => isExecutable(stats[index] ?? null)).map((change) => change.path);
  const counted = files.filter((change) => !folders.has(change.path));
  const count = (kind: FileChange['kind']) => counted.filter((change) => change.kind === kind).length;
  return {
    files: counted.length,
    added: count('added'),
    modified: count('modified'),
    deleted: count('deleted'),
    changes: counted.slice(0, listed),
    executables,
    notes: [
      ...(counted.length > listed ? [`${listed} of ${counted.length} changes are listed`] : []),
      ...(present.length > looked
        ? [`${looked} of ${present.length} files, evenly picked, were looked at for folders and executables`]
        : []),
    ],
  };
}

/** The engine lists every folder on the way to a change. */
function withoutFolders(changes: readonly FileChange[]): FileChange[] {
  const sorted = changes.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const parents = new Set(sorted.flatMap((change) => parentsOf(change.path)));
  return sorted.filter((change) => !parents.has(change.path));
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

/** A mount, what lies below it, or a folder that was only made to hold it. */
function isMountPoint(path: string, inspect: ContainerInspect): boolean {
  const tmpfs = Object.keys((inspect.HostConfig.Tmpfs as Readonly<Record<string, string>> | null | undefined) ?? {});
  const places = [...inspect.Mounts.map((mount) => mount.Destination), ...tmpfs];
  return places.some((place) => path === place || path.startsWith(`${place}/`) || place.startsWith(`${path}/`));
}

function isExecutable(stat: { readonly mode: number; readonly isDirectory: boolean; readonly isLink: boolean } | null): boolean {
  return stat !== null && !stat.isDirectory && !stat.isLink && (stat.mode & 0o111) !== 0;
}

/** At most `most` of a list, evenly spaced: the first ones by name would all lie in the same folder. */
function spread<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, index) => list[Math.floor((index * list.length) / most)] as T);
}
