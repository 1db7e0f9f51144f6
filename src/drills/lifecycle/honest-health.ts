import { healthStatus } from '../../container/healthy.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { type Answer, answer, took } from './answers.ts';
import { needsNothing, unsaid } from './any-order.ts';
import type { Context } from './context.ts';
import type { Scene } from './scene.ts';
import { healthTimes, isUp, stateOf, type Watch, watchUntil } from './watching.ts';

const marginMs = 3_000;

/** LC-05: healthy with what it needs, it is unhealthy within its own interval × retries + timeouts once that is gone. */
export async function honestHealth(original: ContainerInspect, scene: Scene, context: Context): Promise<Answer> {
  const { engine, clock, signal } = context;
  const { peers } = scene;
  const times = healthTimes(original);
  // as weighty as an image without one (IMG-05)
  if (times === null) return { ...answer('broken', 'it has no healthcheck, so nothing tells when it cannot work'), severity: 'low' };
  const nothing = needsNothing(scene);
  if (nothing !== null) return nothing;
  const problem = await scene.raisePeers();
  if (problem !== null) return answer('inconclusive', `it needs ${peers.names.join(', ')}: ${problem}`);
  const subject = await scene.ready();
  const before = await engine.inspect(subject.id);
  if (healthStatus(before) !== 'healthy') return answer('inconclusive', `before anything was taken away it was ${stateOf(before)}`);
  const watch: Watch = { engine, clock, signal };
  await scene.dropPeers();
  const from = clock.monotonic();
  const limit = times.retries * (times.interval + times.timeout) + marginMs;
  const seen = await watchUntil(subject.id, limit, watch, (now) => {
    if (now === null) return 'it was removed';
    return isUp(now) && healthStatus(now) === 'healthy' ? null : now;
  });
  const was = `healthy with ${peers.names.join(', ')}; these were removed`;
  const due = `interval ${took(times.interval)} × ${times.retries} + timeouts`;
  if (typeof seen === 'string') return answer('inconclusive', was, seen);
  if (seen !== null)
    return answer('holds', was, `${took(clock.monotonic() - from)} later it was ${stateOf(seen)} (due within ${took(limit)}: ${due})`);
  const after = await engine.inspect(subject.id);
  if (lastProbe(after) === lastProbe(before)) return answer('inconclusive', was, `in ${took(limit)} its healthcheck was not run once`);
  const still = `${took(limit)} later it was still ${stateOf(after)} (due: ${due})`;
  return peers.how === 'said' ? answer('broken', was, still) : answer('inconclusive', was, still, unsaid);
}

function lastProbe({ State }: ContainerInspect): string | undefined {
  return State.Health?.Log?.at(-1)?.Start;
}
