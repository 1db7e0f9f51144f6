import { inspectEach } from '../container/inspect-each.ts';
import { isPitwalls } from '../container/own.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { ExecInspect } from '../domain/engine/streams.ts';
import type { Engine } from '../domain/engine.ts';
import { socketsOf } from './engine-sockets.ts';
import { executablesOf } from './executables.ts';
import { lastLogs } from './last-logs.ts';
import { orNull } from './or-null.ts';
import type { Facts, HostFacts } from './probe.ts';

export interface Surroundings {
  readonly host: HostFacts;
  /** Inspects of what runs on the engine and is not Pitwall's own. */
  readonly running: readonly ContainerInspect[];
  /** Names of those of which the engine says nothing. */
  readonly silent: readonly string[];
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
  const users = listed.filter(({ labels }) => !isPitwalls(labels));
  const { found, silent } = await inspectEach(engine, users, signal);
  return { host: { info, daemon, components, networks, now }, running: found, silent: silent.map(({ name }) => name) };
}

export type TargetFacts = Pick<
  Facts,
  'inspect' | 'image' | 'named' | 'history' | 'others' | 'changes' | 'executables' | 'execs' | 'sockets' | 'logs'
>;

/** What the API says of one container. Throws when its image is gone: without it there is no dummy either. */
export async function targetFacts(
  engine: Engine,
  inspect: ContainerInspect,
  running: readonly ContainerInspect[],
  signal: AbortSignal,
): Promise<TargetFacts> {
  const [image, named, history, changes, execs, logs, sockets] = await Promise.all([
    engine.inspectImage(inspect.Image, { signal }),
    orNull(engine.inspectImage(inspect.Config.Image, { signal })),
    engine.imageHistory(inspect.Image, { signal }),
    orNull(engine.changes(inspect.Id, { signal })),
    Promise.all((inspect.ExecIDs ?? []).slice(0, mostExecs).map((id) => engine.inspectExec(id, { signal }))),
    lastLogs(engine, inspect.Id, signal),
    socketsOf(engine, inspect, signal),
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
    logs,
    sockets,
  };
}

const mostExecs = 50;

/** What each layer says that made it. */
export function createdBy(history: readonly Readonly<Record<string, unknown>>[]): string[] {
  return history.map((line) => (typeof line.CreatedBy === 'string' ? line.CreatedBy : ''));
}
