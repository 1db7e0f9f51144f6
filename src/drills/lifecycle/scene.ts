import { type Clone, makeClone, removeClone } from '../../container/clone/clone.ts';
import { cannotRunItself } from '../../container/clone/spec.ts';
import { healthStatus } from '../../container/healthy.ts';
import { inspectIfThere } from '../../container/look.ts';
import { plainName } from '../../container/names.ts';
import { ownLabels } from '../../container/own.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError, FailedError, InconclusiveError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import type { Context } from './context.ts';
import { aliasesOf, type Peers } from './peers.ts';
import { isUp, waitReady } from './watching.ts';

/** A network of ours with no way out, and in it clones of a target and of what it needs: there or not, as a check wants it. */
export interface Scene extends AsyncDisposable {
  readonly peers: Peers;
  /** A fresh clone of the target, just started, in place of the one before. */
  startSubject(): Promise<Clone>;
  /** The clone of the target, ready, with what it needs: the one that is there, or a fresh one. Throws `InconclusiveError` when it does not become so. */
  ready(): Promise<Clone>;
  /** Makes what stands for what it needs, and waits for it; a sentence when that cannot be. */
  raisePeers(): Promise<string | null>;
  /** Monotonic ms at which the last of them was up. */
  readonly peersUpAt: number | null;
  /** Takes that away again, at once. */
  dropPeers(): Promise<void>;
  /** One more of the target, on the volumes of the other. */
  copy(subject: Clone): Promise<Clone>;
  remove(clone: Clone): Promise<void>;
  /** The longest that the target's clone took to become healthy in here, in ms; null when it never did. */
  readonly healthyAfter: number | null;
  tookToBeHealthy(ms: number): void;
}

/** After which a sweep takes what a crash left. */
const expiresMs = 3_600_000;
const keeps = { healthcheck: true, restartPolicy: true } as const;

/** Makes the network; the rest as it is asked for. All of it goes when it is disposed. */
export async function openScene(target: Target, peers: Peers, context: Context): Promise<Scene> {
  const { engine, runId, instance, clock, signal } = context;
  const now = clock.now();
  const network = `pitwall-scene-${runId.slice(-6).toLowerCase()}-${target.id.slice(0, 6)}`;
  const given = { runId, instance, now, expiresMs, signal };
  const clones = new Set<Clone>();
  let subject: Clone | null = null;
  let raised: Clone[] | null = null;
  let cannotRaise: string | null = null;
  let healthyAfter: number | null = null;
  let peersUpAt: number | null = null;
  const watch = { engine, clock, signal };
  signal.throwIfAborted();
  await engine.createNetwork(network, {
    Internal: true,
    Labels: ownLabels({ runId, instance, role: 'scene', expiresAt: now + expiresMs }),
  });

  const make = async (inspect: ContainerInspect) => {
    const clone = await makeClone(engine, inspect, {
      ...given,
      keeps,
      secrets: 'read-only',
      networks: { join: network, aliases: aliasesOf(inspect) },
    });
    clones.add(clone);
    return clone;
  };
  const remove = async (clone: Clone) => {
    await removeClone(engine, clone);
    clones.delete(clone);
    if (subject === clone) subject = null;
  };
  const dropPeers = async () => {
    const gone = raised ?? [];
    raised = null;
    await Promise.all(gone.map(remove));
  };
  const raise = async (made: Clone[]): Promise<string | null> => {
    if (peers.obstacle !== null) return peers.obstacle;
    for (const inspect of peers.containers) {
      const name = plainName(inspect.Name);
      const reason = cannotRunItself(inspect);
      if (reason !== null) return `${name} ${reason}, so its clone may not run`;
      try {
        const clone = await make(inspect);
        made.push(clone);
        const ready = await waitReady(clone.id, watch);
        peersUpAt = ready.ready ? ready.at : clock.monotonic();
        // of what is only guessed nobody knows that it must be there
        if (!ready.ready && peers.how === 'said') return `the clone of ${name} ${ready.reason}${notesOf(clone)}`;
        if (!ready.ready) context.event('peer', target, `the clone of ${name} ${ready.reason}`);
      } catch (error) {
        if (!(error instanceof FailedError)) throw error;
        return error.message;
      }
    }
    return null;
  };
  const scene: Scene = {
    peers,
    get healthyAfter() {
      return healthyAfter;
    },
    get peersUpAt() {
      return peersUpAt;
    },
    tookToBeHealthy(ms) {
      healthyAfter = Math.max(healthyAfter ?? 0, ms);
    },
    async startSubject() {
      if (subject !== null) await remove(subject);
      subject = await make(target.inspect);
      return subject;
    },
    async ready() {
      const problem = await scene.raisePeers();
      const without = problem === null ? '' : ` (without what it needs: ${problem})`;
      // whoever stopped or killed it has waited for it: one that is not up by now is in the way
      const there = subject === null ? null : await inspectIfThere(engine, subject.id);
      if (subject !== null && there !== null && isUp(there) && (healthStatus(there) ?? 'healthy') === 'healthy') return subject;
      const from = clock.monotonic();
      const fresh = await scene.startSubject();
      const ready = await waitReady(fresh.id, watch);
      if (!ready.ready) throw new InconclusiveError('clone', `its clone ${ready.reason}${without}${notesOf(fresh)}`);
      scene.tookToBeHealthy(ready.at - from);
      return fresh;
    },
    async raisePeers() {
      if (raised !== null || cannotRaise !== null) return cannotRaise;
      const made: Clone[] = [];
      raised = made;
      try {
        cannotRaise = await raise(made);
      } catch (error) {
        // what stands by now is not all that it needs: no later check may take it for that
        cannotRaise = error instanceof Error ? error.message : String(error);
        // the first error is the one to tell; what cannot be removed now is taken away with the scene
        await dropPeers().catch(() => undefined);
        if (isUnknown(error)) return cannotRaise;
        throw error;
      }
      if (cannotRaise !== null) await dropPeers();
      else if (made.length > 0)
        context.event(
          'peers',
          target,
          `clones of ${peers.containers.map(({ Name }) => plainName(Name)).join(', ')} stand for what it needs`,
        );
      return cannotRaise;
    },
    dropPeers,
    async copy(one) {
      const { Mounts } = await engine.inspect(one.id);
      const mounts = Mounts.filter(({ Type }) => Type === 'volume').map(({ Name = '', Destination, RW }) => ({
        volume: Name,
        path: Destination,
        readOnly: !RW,
      }));
      const networks = { join: network, aliases: aliasesOf(target.inspect) };
      const clone = await makeClone(engine, target.inspect, { ...given, keeps, secrets: 'read-only', volumes: 'none', mounts, networks });
      clones.add(clone);
      return clone;
    },
    remove,
    async [Symbol.asyncDispose]() {
      for (const clone of [...clones].reverse()) await removeClone(engine, clone);
      await engine.removeNetwork(network);
    },
  };
  return scene;
}

/** What may be why it does not run as the original does. */
function notesOf({ notes }: Clone): string {
  return notes.length === 0 ? '' : `; ${notes.join('; ')}`;
}

/** Whether a check's failure says only that it could not be carried out. */
export function isUnknown(error: unknown): error is Error {
  return (
    error instanceof InconclusiveError ||
    (error instanceof FailedError && error.code === 'clone') ||
    (error instanceof EngineError && !error.lost)
  );
}
