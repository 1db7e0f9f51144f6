import { makeClone, removeClone } from '../../container/clone/clone.ts';
import { cannotRunItself } from '../../container/clone/spec.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError, FailedError, InconclusiveError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import { took } from './answers.ts';
import type { Context } from './context.ts';
import { type Ran, ranOf } from './operate.ts';
import type { Haul } from './stolen.ts';

export interface Loot {
  readonly haul: Haul;
  /** With the target's environment; false: only its image's. */
  readonly environment: boolean;
  /** With the files that the target has at /run/secrets. */
  readonly secrets: boolean;
}

export type CloneRan = Ran & { readonly notes: readonly string[] };

const expiresMs = 3_600_000;

/** Restores what was carried away as a clone in a network, lets it operate once in place of its own command, and removes it. The copies stay. */
export async function operateInClone(target: Target, loot: Loot, network: string, context: Context): Promise<CloneRan> {
  const { engine, runId, instance, clock, signal, params } = context;
  const reason = cannotRunItself(target.inspect);
  if (reason !== null) throw new InconclusiveError('clone', `${target.name} ${reason}, so nothing of it may run in a clone`);
  const { command, timeout } = params.operate;
  const inspect = await carriedAway(target.inspect, loot, context);
  try {
    const clone = await makeClone(engine, inspect, {
      runId,
      instance,
      now: clock.now(),
      expiresMs,
      networks: { join: network, aliases: [] },
      secrets: loot.secrets ? 'read-only' : undefined,
      mounts: loot.haul.mounts,
      command,
      signal,
    });
    try {
      const from = clock.monotonic();
      const exitCode = await ended(clone.id, timeout, context);
      const ms = clock.monotonic() - from;
      const first = await firstLine(clone.id, context);
      const ran = ranOf(exitCode, first, ms);
      if (exitCode !== null) return { ...ran, notes: clone.notes };
      return { ...ran, words: `it did not end within ${took(timeout)}`, notes: clone.notes };
    } finally {
      await removeClone(engine, clone);
    }
  } catch (error) {
    if (!(error instanceof FailedError) || error.code !== 'clone') throw error;
    return { exitCode: null, count: null, words: 'it could not be started', ms: 0, began: false, notes: [] };
  }
}

/** What was not carried away is left out of it: the places of the copies are theirs, and the environment may stay behind. */
async function carriedAway(inspect: ContainerInspect, { haul, environment }: Loot, { engine, signal }: Context): Promise<ContainerInspect> {
  const places = haul.mounts.map(({ path }) => path);
  const image = await engine.inspectImage(inspect.Image, { signal });
  return {
    ...inspect,
    Mounts: inspect.Mounts.filter(({ Destination }) => !places.includes(Destination)),
    Config: { ...inspect.Config, Env: environment ? inspect.Config.Env : (image.Config.Env ?? []) },
  };
}

/** Null when it runs on. */
async function ended(id: string, timeoutMs: number, { engine, signal }: Context): Promise<number | null> {
  try {
    return await engine.wait(id, { timeoutMs, signal });
  } catch (error) {
    if (error instanceof EngineError && !error.lost && error.context.timedOut === true) return null;
    throw error;
  }
}

async function firstLine(id: string, { engine, signal }: Context): Promise<string> {
  for await (const { stream, line } of engine.logs(id, { signal })) if (stream === 'stdout') return line;
  return '';
}
