import { policyName } from '../../container/restart-policy.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { labels, type Target } from '../../domain/target.ts';
import { type Answer, answer, downFor, took } from './answers.ts';
import type { Body } from './body.ts';
import type { Context } from './context.ts';
import { killFirst } from './inside.ts';
import { hasEnded, isUp, stateOf, type Watch, waitReady, watchUntil } from './watching.ts';

export interface CameBack {
  readonly answer: Answer;
  /** ms from the death of its first process until the engine had started it again, by the engine's clock; null when it had not. */
  readonly restartTime: number | null;
  /** ms from then until it was healthy. */
  readonly healthyAfter: number | null;
}

/** The engine waits 100 ms, and twice as long each time. */
const backWithinMs = 30_000;
const diesWithinMs = 5_000;
/** Without a policy, how long it is looked at to see that nothing starts it. */
const staysDownMs = 2_000;
/** One that ends again and again before it stays is not back. */
const mostStarts = 3;

/** LC-03: killed, it is started again, stays up, and is healthy. A clone needs the original's restart policy. */
export async function comesBack(target: Target, body: Body, context: Context): Promise<CameBack> {
  const none = (answered: Answer): CameBack => ({ answer: answered, restartTime: null, healthyAfter: null });
  if (labels.swarmTask in target.labels)
    return none(answer('not-applicable', 'it is a task of a Swarm service: its manager puts another in its place'));
  const before = await body.look();
  const policy = policyName(before);
  if (before.HostConfig.PidMode !== '')
    return none(answer('not-applicable', `it lives among the processes of another (PidMode ${before.HostConfig.PidMode})`));
  // it would stay down, and that is known without doing it
  if (policy === 'no' && body.isTarget)
    return none(answer('broken', 'its restart policy is no: nothing would start it again (it was not killed to see it)'));
  return body.down(backWithinMs, () => killAndSee(body, before, policy, context));
}

async function killAndSee(body: Body, before: ContainerInspect, policy: string, context: Context): Promise<CameBack> {
  const { engine, clock, signal } = context;
  const watch: Watch = { engine, clock, signal };
  const words = await killFirst(body.id, context);
  const died = await watchUntil(body.id, diesWithinMs, watch, (now) =>
    now !== null && isUp(now) && now.State.StartedAt === before.State.StartedAt ? null : (now ?? 'gone'),
  );
  const command = 'busybox reboot -n -f among its processes, which ends process 1 as kill -9 does';
  if (died === null)
    return {
      answer: answer('inconclusive', command, `process 1 lives on${words === '' ? '' : `: ${words}`}`),
      restartTime: null,
      healthyAfter: null,
    };
  const limit = policy === 'no' ? staysDownMs : backWithinMs;
  const back = await watchUntil(body.id, limit, watch, (now) => {
    if (now === null) return 'gone' as const;
    if (isUp(now) && now.State.StartedAt !== before.State.StartedAt) return now;
    return policy !== 'no' && hasEnded(now) ? ('ended' as const) : null;
  });
  const says = `its restart policy is ${policy}`;
  if (back === null || typeof back === 'string') {
    const now = back === 'gone' ? 'gone' : stateOf(await engine.inspect(body.id));
    return {
      answer: answer('broken', command, `${says}: it was ${now}${back === null ? ` ${took(limit)} later` : ''}`),
      restartTime: null,
      healthyAfter: null,
    };
  }
  const restartTime = downFor(back);
  const from = clock.monotonic();
  const ready = await waitReady(body.id, watch);
  const seen = `${says}: started again after ${restartTime === null ? 'a while' : took(restartTime)}`;
  if (!ready.ready) return { answer: answer('broken', command, seen, `but it ${ready.reason}`), restartTime, healthyAfter: null };
  const healthyAfter = Math.max(0, ready.at - from);
  const starts = ready.inspect.RestartCount - before.RestartCount;
  if (starts > mostStarts)
    return {
      answer: answer('broken', command, seen, `but it ended ${starts - 1} more times before it stayed up`),
      restartTime,
      healthyAfter,
    };
  return { answer: answer('holds', command, seen, `up ${took(healthyAfter)} later (restart count ${starts})`), restartTime, healthyAfter };
}
