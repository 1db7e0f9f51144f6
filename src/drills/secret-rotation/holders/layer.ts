import { plainName } from '../../../container/names.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import type { FileChange } from '../../../domain/engine/files.ts';
import { isBelow, readTree, type TreeFile } from './archive-tree.ts';
import type { Survey } from './survey.ts';

/** Paths of one layer: an archive each. */
const mostPaths = 60;

/** Small files that were written into a container since it was made. What is mounted is no part of its layer. */
export async function layerFiles(inspect: ContainerInspect, { reading, attempt, say }: Survey): Promise<TreeFile[]> {
  const name = plainName(inspect.Name);
  const layer = 'what was written into it';
  const changes = await attempt(name, layer, () => reading.engine.changes(inspect.Id, { signal: reading.signal }));
  const { Tmpfs } = inspect.HostConfig as { readonly Tmpfs?: Readonly<Record<string, string>> | null };
  const mounted = [...inspect.Mounts.map(({ Destination }) => Destination), ...Object.keys(Tmpfs ?? {}), '/proc', '/sys', '/dev'];
  const paths = pathsToRead(changes ?? [], mounted);
  const files: TreeFile[] = [];
  // a link in a layer leads to what is read as mounted, in memory or changed, or to the image
  for (const { path, onlyFile } of paths.slice(0, mostPaths)) {
    const tree = await attempt(name, path, () => readTree(reading, inspect.Id, path, { onlyFile, leave: () => false, sayLinks: false }));
    files.push(...(tree?.files ?? []));
    for (const what of tree?.unread ?? []) say(name, what);
  }
  if (paths.length > mostPaths) say(name, `${layer}: ${paths.length - mostPaths} more files and folders than are read`);
  return files;
}

export interface ChangedPath {
  readonly path: string;
  /** Only its attributes changed if it is a folder. */
  readonly onlyFile: boolean;
}

/** The engine lists every folder on the way to a change, and all that is in a folder that is new: its top is enough, unless something is mounted in it. */
export function pathsToRead(changes: readonly FileChange[], mounted: readonly string[]): ChangedPath[] {
  const kinds = new Map(changes.map(({ path, kind }) => [path, kind]));
  const folders = new Set(changes.flatMap(({ path }) => ancestorsOf(path)));
  const whole = (path: string) => kinds.get(path) === 'added' && !mounted.some((mount) => isBelow(mount, path));
  return changes.flatMap(({ path, kind }): ChangedPath[] => {
    if (kind === 'deleted' || mounted.some((mount) => isBelow(path, mount) || (isBelow(mount, path) && !folders.has(path)))) return [];
    if (whole(path)) return ancestorsOf(path).some(whole) ? [] : [{ path, onlyFile: false }];
    return folders.has(path) ? [] : [{ path, onlyFile: true }];
  });
}

function ancestorsOf(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_part, i) => `/${parts.slice(0, i + 1).join('/')}`);
}
