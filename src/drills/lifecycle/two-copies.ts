import { healthStatus } from '../../container/healthy.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { type Answer, answer, took } from './answers.ts';
import type { Context } from './context.ts';
import type { Scene } from './scene.ts';
import { isUp, stateOf, type Watch, waitReady, watchUntil } from './watching.ts';

/** LC-06: a second copy on the same volumes comes up, and both stay up and healthy. */
export async function twoCopies(scene: Scene, context: Context): Promise<Answer> {
  const { engine, clock, signal, params } = context;
  const watch: Watch = { engine, clock, signal };
  const one = await scene.ready();
  const alone = await engine.inspect(one.id);
  const two = await scene.copy(one);
  let spoiled = true;
  try {
    const shared = alone.Mounts.filter(({ Type }) => Type === 'volume').map(({ Destination }) => Destination);
    const begun = `one was up; a second was started ${shared.length === 0 ? '(they have no volumes to share)' : `on the same scratch volumes (${shared.join(', ')})`}`;
    const ready = await waitReady(two.id, watch);
    const first = await engine.inspect(one.id);
    if (!isSame(alone, first)) return answer('broken', begun, `the first was ${stateOf(first)}`);
    if (!ready.ready) return answer('broken', begun, `the second ${ready.reason}`);
    if (ready.inspect.RestartCount > 0) return answer('broken', begun, `the second was ${stateOf(ready.inspect)}`);
    const which = [
      [one.id, alone, 'first'],
      [two.id, ready.inspect, 'second'],
    ] as const;
    const problems = await Promise.all(
      which.map(([id, before, name]) =>
        watchUntil(id, params.watch, watch, (now) =>
          now === null ? `the ${name} was removed` : isSame(before, now) ? null : `the ${name} was ${stateOf(now)}`,
        ),
      ),
    );
    const problem = problems.find((found) => found !== null);
    if (problem !== undefined) return answer('broken', begun, problem);
    spoiled = false;
    return answer('holds', begun, `both stayed up${healthStatus(alone) === null ? '' : ' and healthy'} for ${took(params.watch)}`);
  } finally {
    await scene.remove(two);
    // what the other did to it must not be blamed on it afterwards
    if (spoiled) await scene.remove(one);
  }
}

/** Runs as it did, and no worse. */
function isSame(before: ContainerInspect, now: ContainerInspect): boolean {
  return isUp(now) && now.State.StartedAt === before.State.StartedAt && healthStatus(now) === healthStatus(before);
}
