import type { Clock } from '../../domain/clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import type { Canaries } from './canaries.ts';
import type { CanaryKind } from './params.ts';
import { keeperScript, lookScript, mark, undoScript } from './scripts.ts';

/** A container to plant in, with a busybox in it. */
export interface Ground {
  readonly id: string;
  readonly name: string;
  /** Path of the busybox in it. */
  readonly tool: string;
  /** Path of a changed copy of it, for where nothing can be written; null without. */
  readonly changed: string | null;
  readonly tmpfs: readonly string[];
}

/** What was seen in place, and where it is. */
export interface Planted {
  readonly kinds: ReadonlySet<CanaryKind>;
  readonly tmpfsPath: string | null;
  readonly changedPath: string | null;
}

const plantMs = 20_000;
const pollMs = 100;
/** The last one that is started may be seen before an earlier one is what it will be, on a busy machine. */
const straggleMs = 2_000;

/**
 * Plants the canaries and reads back which are there: not every container has a place for each. They end by themselves after `lifeMs`.
 * Throws `FailedError` `plant` when nothing came up, and the engine's errors.
 */
export async function plant(
  engine: Pick<Engine, 'exec'>,
  ground: Ground,
  canaries: Canaries,
  options: { readonly lifeMs: number; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Planted> {
  const { lifeMs, clock, signal } = options;
  const { tool, id, tmpfs } = ground;
  const seconds = String(Math.ceil(lifeMs / 1_000));
  const argv = [
    tool,
    'sh',
    '-c',
    keeperScript,
    tool,
    canaries.token,
    seconds,
    String(canaries.port),
    canaries.kinds.join(' '),
    tmpfs.join(' '),
  ];
  const stdin = `${canaries.secret}\n${canaries.tmpfs}\n${canaries.deleted}\n`;
  let ended: unknown = null;
  // it lasts as long as the canaries do, and longer than us when we end: its end is not waited for
  const keeper = engine.exec(id, [...argv, ground.changed ?? ''], {
    env: [`${mark}=${canaries.token}`],
    stdin,
    timeoutMs: lifeMs + plantMs,
  });
  keeper.then(
    ({ exitCode, stderr }) => (ended = new Error(`exit code ${exitCode}: ${stderr.trim().slice(0, 200)}`)),
    (error: unknown) => (ended = error),
  );
  const until = clock.monotonic() + plantMs;
  let readySince: number | null = null;
  for (;;) {
    signal.throwIfAborted();
    const seen = await look(engine, ground, canaries);
    if (seen.ready) readySince ??= clock.monotonic();
    // one process may be seen before it has done what it is for
    if (seen.ready && canaries.kinds.every((kind) => seen.planted.kinds.has(kind))) return seen.planted;
    const late = clock.monotonic() > until;
    const waited = readySince !== null && clock.monotonic() - readySince > straggleMs;
    if (seen.ready && (late || (seen.settled && waited))) return seen.planted;
    if (ended !== null || late) {
      const why = ended instanceof Error ? ended.message : 'nothing was seen of them';
      throw new FailedError('plant', `no canaries could be planted in ${ground.name}: ${why}`, { cause: ended });
    }
    await clock.sleep(pollMs, signal);
  }
}

/** Looks for them. Only what runs as the container's own user can see what they have open. */
async function look(
  engine: Pick<Engine, 'exec'>,
  { id, tool, tmpfs }: Ground,
  canaries: Canaries,
): Promise<{ readonly ready: boolean; readonly settled: boolean; readonly planted: Planted }> {
  const port = canaries.port.toString(16).toUpperCase().padStart(4, '0');
  const { stdout } = await engine.exec(id, [tool, 'sh', '-c', lookScript, tool, canaries.token, port, tmpfs.join(' ')]);
  const lines = stdout.split('\n').map((line) => line.trim());
  const rest = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? null;
  const tmpfsPath = rest('tmpfs');
  const changedPath = rest('changed');
  const kinds = new Set<CanaryKind>(
    canaries.kinds.filter((kind) => {
      switch (kind) {
        case 'tmpfs':
          return tmpfsPath !== null;
        case 'changed-binary':
          return changedPath !== null;
        case 'socket':
          return lines.includes('socket') && lines.includes('listening');
        default:
          return lines.includes(kind);
      }
    }),
  );
  // the last that is started: what cannot be planted will not come any more, save a socket that is only about to listen
  const ready = lines.includes('ready');
  const settled = ready && (!canaries.kinds.includes('socket') || kinds.has('socket') || !lines.includes('socket'));
  return { ready, settled, planted: { kinds, tmpfsPath, changedPath } };
}

/**
 * Takes the canaries away and reads back that they are gone: a sentence's end for each thing that is left. The tool itself stays.
 * Throws the engine's errors.
 */
export async function uproot(engine: Pick<Engine, 'exec'>, ground: Omit<Ground, 'changed' | 'name'>, token: string): Promise<string[]> {
  const folders = ['/tmp', '/var/tmp', ...ground.tmpfs].join(' ');
  const { exitCode, stdout, stderr } = await engine.exec(ground.id, [ground.tool, 'sh', '-c', undoScript, ground.tool, token, folders]);
  if (exitCode !== 0) return [`the canaries (exit code ${exitCode}: ${stderr.trim().slice(0, 200)})`];
  return stdout.split('\n').filter((line) => line !== '');
}

/** Where a file lives in memory: what every container has, and what this one was given. */
export function tmpfsOf(inspect: ContainerInspect): string[] {
  const given = Object.keys((inspect.HostConfig.Tmpfs ?? {}) as Readonly<Record<string, string>>);
  const mounted = (inspect.HostConfig.Mounts ?? []).filter(({ Type }) => Type === 'tmpfs').map(({ Target }) => String(Target));
  // the scripts take them apart at blanks
  return ['/dev/shm', ...given, ...mounted].filter((path) => /^[\w./-]+$/.test(path));
}

/** Whether it is the container that went, and not the planting that went wrong. */
export async function hasEnded(engine: Pick<Engine, 'inspect'>, id: string): Promise<boolean> {
  try {
    return !(await engine.inspect(id)).State.Running;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return true;
    throw error;
  }
}
