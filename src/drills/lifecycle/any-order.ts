import { healthStatus } from '../../container/healthy.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { type Answer, answer, took } from './answers.ts';
import type { Context } from './context.ts';
import type { Scene } from './scene.ts';
import { hasEnded, stateOf, type Watch, waitReady, watchUntil, withoutLimitMs } from './watching.ts';

type Alone =
  | { readonly what: 'healthy' | 'ended' | 'waits' | 'silent'; readonly words: string }
  | { readonly what: 'gone'; readonly words: string };

/** Ended that often by itself and started again, it waits by being restarted. */
const enoughRestarts = 2;

/** LC-04: started before what it needs, it neither ends for good nor calls itself healthy; and is healthy once that appears. */
export async function anyOrder(scene: Scene, context: Context): Promise<Answer> {
  const { engine, clock, signal, params } = context;
  const { peers } = scene;
  const nothing = needsNothing(scene);
  if (nothing !== null) return nothing;
  if (peers.obstacle !== null) return answer('inconclusive', `it needs ${peers.names.join(', ')}: ${peers.obstacle}`);
  const watch: Watch = { engine, clock, signal };
  const subject = await scene.startSubject();
  const began = clock.monotonic();
  const alone = await watchAlone(subject.id, params.watch, watch);
  const without = `started without ${peers.names.join(', ')}, ${alone.words} after ${took(clock.monotonic() - began)}`;
  if (alone.what === 'gone') return answer('inconclusive', without);
  if (alone.what === 'healthy') {
    // whoever needs nothing of it may well be healthy
    if (peers.how === 'said') return answer('broken', without);
    return answer('inconclusive', without, unsaid);
  }
  // looked at while they come up as well: it may be healthy before the last of them is known to be
  const given = new AbortController();
  let early: number | null = null;
  waitReady(subject.id, { ...watch, signal: AbortSignal.any([signal, given.signal]) }, { forMs: Number.POSITIVE_INFINITY }).then(
    (seen) => (early = seen.ready ? seen.at : null),
    () => undefined,
  );
  const problem = await scene.raisePeers().finally(() => given.abort());
  if (problem !== null) return answer('inconclusive', without, problem);
  const ready = await waitReady(subject.id, watch);
  if (ready.ready) {
    const after = Math.max(0, (early ?? ready.at) - (scene.peersUpAt ?? ready.at));
    scene.tookToBeHealthy(after);
    const then = after === 0 ? 'up by the time they were' : `up ${took(after)} after they had appeared`;
    if (alone.what === 'silent')
      return answer('inconclusive', without, then, 'without a healthcheck nothing tells whether it waited or only ran');
    return answer(
      'holds',
      without,
      then,
      ready.inspect.RestartCount > 0 ? `started again ${ready.inspect.RestartCount} times by its policy` : null,
    );
  }
  // that it is the order, and not the clone: in the right order it must do
  const control = await scene.ready();
  const late = alone.what === 'ended' ? null : `once they had appeared it ${ready.reason}`;
  return answer('broken', without, late, `a clone that was started after them (${control.name}) was up`);
}

/** The answer for one that has nothing to be taken away; null when it has. */
export function needsNothing({ peers }: Pick<Scene, 'peers'>): Answer | null {
  if (peers.obstacle !== null || peers.containers.length > 0) return null;
  if (peers.how === 'said') return answer('not-applicable', 'it is said to need nothing');
  return answer(
    'not-applicable',
    'nothing is known that it needs: Compose’s depends_on does not say, nothing else is on its networks; params.dependencies can say',
  );
}

export const unsaid = 'whether it needs them nobody says: name what it needs in params.dependencies, or [] for nothing';

async function watchAlone(id: string, silentMs: number, watch: Watch): Promise<Alone> {
  let last: ContainerInspect | null = null;
  const first = await watch.engine.inspect(id);
  const limit = withoutLimitMs(first) ?? silentMs;
  const seen = await watchUntil<Alone>(id, limit, watch, (now) => {
    if (now === null) return { what: 'gone', words: 'it was removed' };
    last = now;
    if (hasEnded(now)) return { what: 'ended', words: `it had ${stateOf(now)}, for good` };
    const health = healthStatus(now);
    if (health === 'healthy') return { what: 'healthy', words: 'it called itself healthy' };
    if (health === 'unhealthy' || now.RestartCount >= enoughRestarts) return { what: 'waits', words: `it was ${stateOf(now)}` };
    return null;
  });
  if (seen !== null) return seen;
  const now = last ?? first;
  return { what: healthStatus(now) === null ? 'silent' : 'waits', words: `it was ${stateOf(now)}` };
}
