import type { ContainerInspect, Engine, ExecInspect, FileChange } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import { labels as labelNames } from '../domain/target.ts';
import type { Facts, HostFacts } from './probe.ts';

export interface Surroundings {
  readonly host: HostFacts;
  /** Inspects of what runs on the engine and is not Pitwall's own. */
  readonly running: readonly ContainerInspect[];
}

/** What one look at the engine tells, the same for all targets. */
export async function surroundings(engine: Engine, now: number, signal: AbortSignal): Promise<Surroundings> {
  const [info, daemon, components, networks, listed] = await Promise.all([
    engine.info({ signal }),
    engine.daemon({ signal }),
    engine.components({ signal }),
    engine.networks({}, { signal }),
    engine.list({}, { signal }),
  ]);
  const users = listed.filter(({ labels }) => labels[labelNames.role] === undefined);
  const running = await Promise.all(users.map(({ id }) => orNull(engine.inspect(id, { signal }))));
  return { host: { info, daemon, components, networks, now }, running: running.filter((one) => one !== null) };
}

export type TargetFacts = Pick<Facts, 'inspect' | 'image' | 'named' | 'history' | 'others' | 'changes' | 'executables' | 'execs'>;

/** What the API says of one container. Throws when its image is gone: without it there is no dummy either. */
export async function targetFacts(
  engine: Engine,
  inspect: ContainerInspect,
  running: readonly ContainerInspect[],
  signal: AbortSignal,
): Promise<TargetFacts> {
  const [image, named, history, changes, execs] = await Promise.all([
    engine.inspectImage(inspect.Image, { signal }),
    orNull(engine.inspectImage(inspect.Config.Image, { signal })),
    engine.imageHistory(inspect.Image, { signal }),
    orNull(engine.changes(inspect.Id, { signal })),
    Promise.all((inspect.ExecIDs ?? []).slice(0, mostExecs).map((id) => engine.inspectExec(id, { signal }))),
  ]);
  return {
    inspect,
    image,
    named: named?.Id ?? null,
    history: createdBy(history),
    others: running.filter(({ Id }) => Id !== inspect.Id),
    changes,
    executables: changes === null ? null : await executablesOf(engine, inspect, changes, signal),
    execs: execs.filter((exec): exec is ExecInspect => exec !== null),
  };
}

const mostExecs = 50;
const mostStats = 200;
const atOnce = 8;

/** Files of those changes that have a bit to be executed by, and something in them; null when none was found, and there are too many to look at each. */
export async function executablesOf(
  engine: Pick<Engine, 'statPath'>,
  { Id: id, Mounts }: Pick<ContainerInspect, 'Id' | 'Mounts'>,
  changes: readonly FileChange[],
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  // what has something changed below it is a folder
  const folders = new Set(changes.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
  // where a file is mounted the engine makes an empty one, which may be executed, and is hidden
  const mounted = new Set(Mounts.flatMap(({ Destination }) => [Destination, Destination.replace(/^\/var\/run\//, '/run/')]));
  const files = changes.filter(({ path, kind }) => kind !== 'deleted' && !folders.has(path) && !mounted.has(path));
  const likely = (path: string) => Number(/(^|\/)s?bin\/|\.(sh|so|py|pl)$|\/[^/.]+$/.test(path));
  const looked = files.toSorted((a, b) => likely(b.path) - likely(a.path)).slice(0, mostStats);
  const found: string[] = [];
  for (let at = 0; at < looked.length; at += atOnce) {
    const some = looked.slice(at, at + atOnce);
    const stats = await Promise.all(some.map(({ path }) => orNull(engine.statPath(id, path, { signal }))));
    stats.forEach((stat, index) => {
      const path = some[index]?.path;
      if (path !== undefined && stat !== null && !stat.isDirectory && !stat.isLink && stat.size > 0 && (stat.mode & 0o111) !== 0)
        found.push(path);
    });
  }
  return found.length === 0 && looked.length < files.length ? null : found;
}

/** What each layer says that made it. */
export function createdBy(history: readonly Readonly<Record<string, unknown>>[]): string[] {
  return history.map((line) => (typeof line.CreatedBy === 'string' ? line.CreatedBy : ''));
}

/** What was removed while it was looked at is not there. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof EngineError && !error.lost) return null;
    throw error;
  }
}
