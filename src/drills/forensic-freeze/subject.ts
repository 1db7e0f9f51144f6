import { type Clone, makeClone, removeClone } from '../../container/clone/clone.ts';
import { cannotRunItself } from '../../container/clone/spec.ts';
import { putFiles, readTools } from '../../container/clone/tools.ts';
import { ownLabels } from '../../container/own.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError } from '../../domain/errors.ts';
import type { Change, Reconciled } from '../../domain/journal.ts';
import type { RunContext } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import { type Canaries, changedBinary } from './canaries.ts';
import { type CanaryData, takeOut } from './canary-change.ts';
import type { Params } from './params.ts';
import { type Ground, hasEnded, type Planted, plant, tmpfsOf } from './plant.ts';

/** What is frozen: canaries planted in a clone, or in the target itself. */
export interface Subject {
  readonly ground: Ground;
  readonly planted: Planted;
  readonly inspect: ContainerInspect;
  /** SHA-256 of the changed binary. */
  readonly changedSha256: string;
  /** Takes it, or the canaries, away again. `evidence`: it is kept frozen as it is. */
  dispose(kept: 'evidence' | null): Promise<void>;
}

/** Beside the lease: what a crash leaves may be swept a little later. */
const marginMs = 600_000;
/** An application that wants its peers and has none ends within this, or stays. */
const staysMs = 1_000;

type Context = RunContext<Params>;

export function subjectOf(target: Target, canaries: Canaries, context: Context): Promise<Subject> {
  return context.params.on === 'clone' ? inClone(target, canaries, context) : inTarget(target, canaries, context);
}

async function inClone(target: Target, canaries: Canaries, context: Context): Promise<Subject> {
  const { engine, runId, instance, clock, params, signal } = context;
  const now = clock.now();
  const expiresMs = params.lease + marginMs;
  const labels = ownLabels({ runId, role: 'clone', instance, expiresAt: now + expiresMs });
  const volume = `pitwall-${canaries.token}`;
  // a path that no image has
  const folder = `/.pitwall-${canaries.token}`;
  const tool = `${folder}/busybox`;
  const changed = `busybox-${canaries.token}`;
  const helperImage = (await context.helperImage()).reference;
  const original = await engine.inspect(target.id);
  await engine.createVolume(volume, labels);
  let clone: Clone | null = null;
  const start = async (command: readonly string[] | undefined) => {
    const made = await makeClone(engine, original, {
      runId,
      instance,
      now,
      expiresMs,
      command,
      signal,
      mounts: [
        {
          volume,
          path: folder,
          readOnly: true,
        },
      ],
    });
    clone = made;
    return made;
  };
  const remove = async () => {
    if (clone !== null) await removeClone(engine, clone);
    await engine.removeVolume(volume);
  };
  try {
    const busybox = await readTools(engine, {
      helperImage,
      labels,
      volume: {
        name: volume,
        also: (tools) => [
          {
            path: changed,
            content: changedBinary(tools, canaries.token).content,
          },
        ],
      },
    });
    const idle = [tool, 'sleep', String(Math.ceil(expiresMs / 1_000))];
    const reason = cannotRunItself(original);
    let made = await start(reason === null ? undefined : idle);
    let ended = reason === null && (await endsAtOnce(made.id, context));
    const groundOf = (one: Clone): Ground => ({
      id: one.id,
      name: one.name,
      tool,
      changed: `${folder}/${changed}`,
      tmpfs: tmpfsOf(original),
    });
    const sow = () => plant(engine, groundOf(made), canaries, { lifeMs: params.lease, clock, signal });
    let planted: Planted | null = null;
    if (!ended) {
      planted = await sow().catch(async (error: unknown) => {
        signal.throwIfAborted();
        if (reason !== null || !(await hasEnded(engine, made.id))) throw error;
        ended = true;
        return null;
      });
    }
    if (planted === null) {
      await removeClone(engine, made);
      made = await start(idle);
      planted = await sow();
    }
    const runs = reason ?? (ended ? 'ends without its peers' : null);
    const what = runs === null ? 'it runs the command of the original' : `it only sleeps: the original ${runs}`;
    context.event('clone', target, `${made.name} is a clone of ${target.name}; ${[what, ...made.notes].join('; ')}`, { clone: made.id });
    return {
      ground: groundOf(made),
      planted,
      inspect: await engine.inspect(made.id),
      changedSha256: changedBinary(busybox, canaries.token).sha256,
      dispose: remove,
    };
  } catch (error) {
    await remove().catch(() => undefined);
    throw error;
  }
}

/** Waited for, not asked again and again. */
async function endsAtOnce(id: string, { engine, signal }: Context): Promise<boolean> {
  try {
    await engine.wait(id, { timeoutMs: staysMs, signal });
    return true;
  } catch (error) {
    if (error instanceof EngineError && !error.lost && error.context.timedOut === true) return false;
    throw error;
  }
}

async function inTarget(target: Target, canaries: Canaries, context: Context): Promise<Subject> {
  const { engine, runId, instance, clock, params, signal } = context;
  const helperImage = (await context.helperImage()).reference;
  const labels = ownLabels({ runId, role: 'scratch', instance, expiresAt: clock.now() + marginMs });
  const busybox = await readTools(engine, { helperImage, labels });
  const inspect = await engine.inspect(target.id);
  const folder = `/.pitwall-${canaries.token}`;
  const ground: Ground = { id: target.id, name: target.name, tool: `${folder}/busybox`, changed: null, tmpfs: tmpfsOf(inspect) };
  const data: CanaryData = { id: target.id, token: canaries.token, folder, tool: ground.tool, tmpfs: [...ground.tmpfs] };
  signal.throwIfAborted();
  const change = context.journal.open({ kind: 'canary', target: target.name, data: { ...data } });
  const undo = async () => close(change, await takeOut(engine, target.name, data), context, target);
  try {
    await putFiles(engine, target.id, '/', [{ path: ground.tool.slice(1), content: busybox }]);
    const planted = await plant(engine, ground, canaries, { lifeMs: params.lease, clock, signal });
    change.step('seen');
    context.event('canaries', target, `planted in ${target.name}: ${[...planted.kinds].join(', ')}`);
    return {
      ground,
      planted,
      inspect,
      changedSha256: changedBinary(busybox, canaries.token).sha256,
      async dispose(kept) {
        if (kept !== null) change.close('done', 'the canaries stay in the original, which is kept frozen as evidence');
        else await undo();
      },
    };
  } catch (error) {
    // with a lost engine it stays open, and is reconciled
    if (!(error instanceof EngineError && error.lost)) await undo();
    throw error;
  }
}

function close(change: Change, settled: Reconciled, context: Context, target: Target): void {
  const note = settled.state === 'residue' ? settled.residue.join('; ') : settled.note;
  // one that is left is tried again when the run ends, and then told
  if (settled.state !== 'residue') change.close(settled.state, note);
  context.event('undo', target, note);
}
