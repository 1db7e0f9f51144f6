import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { plainName } from '../../../container/names.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { labels } from '../../../domain/target.ts';
import { secretTargets } from '../../../probes/catalogue/secrets-known.ts';
import { systemFolders } from '../../../probes/system-folders.ts';
import { isBelow, readTree } from './archive-tree.ts';
import type { Survey } from './survey.ts';

export interface HeldFile {
  readonly path: string;
  /** `bind, one file`, `bind`, `volume data`, `in memory`, `in its own file system`. */
  readonly how: string;
  readonly content: Buffer;
}

/**
 * The small files that a container was given: where secrets are mounted, what variables called `…_FILE` name, and whatever else is mounted. What the
 * engine's archive does not show, or not as the container sees it, is read from inside.
 */
export async function heldFiles(inspect: ContainerInspect, survey: Survey): Promise<HeldFile[]> {
  const name = plainName(inspect.Name);
  const files = new Map<string, HeldFile>();
  const inside = new Set<string>();
  const add = (path: string, content: Buffer, how: string) => {
    const key = `${path.replace(/^\/var\/run\//, '/run/')} ${createHash('sha256').update(content).digest('hex')}`;
    if (!files.has(key)) files.set(key, { path, how, content });
  };
  const single = singleFiles(inspect);
  for (const path of pathsOf(inspect)) {
    const mount = mountOver(inspect, path);
    if (mount?.type === 'bind' && isSystem(mount.source)) survey.say(name, `${path}: it is ${mount.source} of the host`);
    else if (mount?.type === 'tmpfs') inside.add(path);
    else {
      const leave = (file: string) => inspect.State.Running && single.has(file);
      const tree = await survey.attempt(name, path, () => readTree(survey.reading, inspect.Id, path, { leave }));
      // what a variable names is there for the container, by a link into memory or by what the engine does not say
      if (tree === null && inspect.State.Running && namedFiles(inspect).includes(path)) inside.add(path);
      if (tree === null) continue;
      for (const file of tree.left) inside.add(file);
      for (const file of tree.files) add(file.path, file.content, howOf(inspect, file.path, tree.isFile && file.path === path));
      for (const what of tree.unread) survey.say(name, what);
    }
  }
  // memory went with its last process
  if (!inspect.State.Running || inside.size === 0) return [...files.values()];
  const seen = await survey.attempt(name, [...inside].join(', '), () => survey.inside(inspect, [...inside]));
  for (const what of seen?.unread ?? []) survey.say(name, what);
  for (const { path, base64 } of seen?.files ?? []) {
    const content = Buffer.from(base64, 'base64');
    if (survey.reading.room.take(content.length)) add(path, content, howOf(inspect, path, single.has(path)));
    else survey.say(name, `${path}: too much to read in all`);
  }
  return [...files.values()];
}

function isSystem(source: string): boolean {
  return systemFolders.includes(source) || /^\/(?:proc|sys|dev)\//.test(source);
}

/** Where secrets are first, as they must not fall to a limit. */
function pathsOf(inspect: ContainerInspect): string[] {
  const mounted = mountsOf(inspect).map(({ path }) => path);
  return [...new Set([...secretTargets(inspect), ...namedFiles(inspect), ...mounted].map((path) => posix.normalize(path)))];
}

/** `DB_PASSWORD_FILE=/run/secrets/db_password`. */
function namedFiles(inspect: ContainerInspect): string[] {
  const paths = (inspect.Config.Env ?? []).flatMap((variable) => /^\w+_FILE=(\/[^\0]+)$/s.exec(variable)?.[1] ?? []);
  return paths.map((path) => posix.normalize(path));
}

/** What is mounted over a path, as far as the engine says it. */
export interface Over {
  readonly type: string;
  readonly path: string;
  /** On the host; empty for memory. */
  readonly source: string;
  /** A volume's name. */
  readonly volume?: string | undefined;
}

/** Where Swarm puts secrets and configurations the engine does not say, but they are in memory. */
export function mountsOf(inspect: ContainerInspect): Over[] {
  const { Tmpfs } = inspect.HostConfig as { readonly Tmpfs?: Readonly<Record<string, string>> | null };
  const swarm = inspect.Config.Labels?.[labels.swarmTask] !== undefined;
  return [
    ...inspect.Mounts.map((mount) => ({ type: mount.Type, path: mount.Destination, source: mount.Source, volume: mount.Name })),
    ...Object.keys(Tmpfs ?? {}).map((path) => ({ type: 'tmpfs', path, source: '' })),
    ...(swarm ? ['/run/secrets', '/var/run/secrets'].map((path) => ({ type: 'tmpfs', path, source: '' })) : []),
  ];
}

export function mountOver(inspect: ContainerInspect, path: string): Over | null {
  const over = mountsOf(inspect).filter((mount) => isBelow(path, mount.path));
  return over.toSorted((a, b) => b.path.length - a.path.length)[0] ?? (isBelow(path, '/dev/shm') ? devShm : null);
}

const devShm: Over = { type: 'tmpfs', path: '/dev/shm', source: '' };

/** Where something is bound: a single file when a file is found there. The container goes on seeing the one that it started with when another takes its place. */
function singleFiles(inspect: ContainerInspect): ReadonlySet<string> {
  return new Set(inspect.Mounts.filter(({ Type }) => Type === 'bind').map(({ Destination }) => Destination));
}

function howOf(inspect: ContainerInspect, path: string, isFile: boolean): string {
  const over = mountOver(inspect, path);
  return over === null ? 'in its own file system' : howMounted(over, isFile && over.path === path);
}

/** `isFile`: what is mounted is one file. */
export function howMounted(over: Over, isFile: boolean): string {
  if (over.type === 'tmpfs') return 'in memory';
  if (over.type === 'volume') return `volume ${over.volume ?? over.source}`;
  return isFile ? `${over.type}, one file` : over.type;
}
