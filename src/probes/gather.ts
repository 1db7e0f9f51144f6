import type { ContainerInspect, Engine, ExecInspect, ImageInspect } from '../domain/engine.ts';
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

export type TargetFacts = Pick<Facts, 'inspect' | 'image' | 'named' | 'history' | 'others' | 'changes' | 'execs' | 'logs'>;

/** What the API says of one container. Throws when its image is gone: without it there is no dummy either. */
export async function targetFacts(
  engine: Engine,
  inspect: ContainerInspect,
  running: readonly ContainerInspect[],
  signal: AbortSignal,
): Promise<TargetFacts> {
  const [image, named, history, changes, execs, logs] = await Promise.all([
    engine.inspectImage(inspect.Image, { signal }),
    orNull(engine.inspectImage(inspect.Config.Image, { signal })),
    engine.imageHistory(inspect.Image, { signal }),
    orNull(engine.changes(inspect.Id, { signal })),
    Promise.all((inspect.ExecIDs ?? []).slice(0, mostExecs).map((id) => engine.inspectExec(id, { signal }))),
    lastLogs(engine, inspect.Id, signal),
  ]);
  return {
    inspect,
    image,
    named: (named as ImageInspect | null)?.Id ?? null,
    history: history.map((line) => String(line.CreatedBy ?? '')),
    others: running.filter(({ Id }) => Id !== inspect.Id),
    changes,
    execs: execs.filter((exec): exec is ExecInspect => exec !== null),
    logs,
  };
}

const mostExecs = 50;
const lastLines = 500;
const mostLogBytes = 256 * 1024;
const logTimeoutMs = 5_000;

/** Null where the log's driver lets nobody read it, or it is too slow. */
export async function lastLogs(engine: Pick<Engine, 'logs'>, id: string, signal: AbortSignal): Promise<string | null> {
  const late = AbortSignal.timeout(logTimeoutMs);
  const lines: string[] = [];
  let bytes = 0;
  try {
    for await (const { line } of engine.logs(id, { tail: lastLines, signal: AbortSignal.any([signal, late]) })) {
      lines.push(line);
      bytes += line.length;
      if (bytes > mostLogBytes) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted || (error instanceof EngineError && !error.lost)) return null;
    throw error;
  }
  return late.aborted ? null : lines.join('\n');
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
