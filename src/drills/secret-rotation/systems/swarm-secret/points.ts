import type { ContainerInspect } from '../../../../domain/engine.ts';
import { FailedError } from '../../../../domain/errors.ts';
import type { Secret } from '../../../../domain/secret.ts';
import type { HttpPoint } from '../../http-points.ts';
import type { Point, SystemScope } from '../../system.ts';
import type { Survey } from './survey.ts';

/** A point with how many tasks are behind its name. */
export interface SwarmPoint extends Point {
  readonly tasks: number;
}

/**
 * One for each service. Its containers are others after every update, so it is asked for by the name that Swarm's name service has for all tasks that
 * run at the time, each an address of its own: past the service's virtual address, behind which a prober may meet the same replica every time.
 */
export function pointsOf(asked: readonly HttpPoint[], users: Survey['users']): SwarmPoint[] {
  return asked.flatMap(({ service, port, path, header }) =>
    users
      .filter((user) => user.checks && user.name === service)
      .map((user): SwarmPoint => {
        const whole = user.service.Spec.Name;
        return {
          name: `${service}:${port} (service ${whole})`,
          target: null,
          door: () => ({ protocol: 'http', url: `http://tasks.${whole}:${port}${path}`, header }),
          modes: ['login', 'session'],
          tasks: user.service.Spec.Mode.Replicated?.Replicas ?? user.containers.length,
        };
      }),
  );
}

/** Until each point has let this in as often in a row as it has tasks. `FailedError` `not_accepted` when one does not within the time. */
export async function untilAccepted(
  points: readonly SwarmPoint[],
  secret: Secret,
  what: string,
  options: { readonly from: readonly ContainerInspect[]; readonly withinMs: number; readonly scope: SystemScope },
): Promise<void> {
  const { clock, signal } = options.scope;
  const [place] = options.from;
  if (place === undefined) return;
  const prober = await options.scope.prober(place);
  const end = clock.monotonic() + options.withinMs;
  for (const point of points) {
    for (let row = 0; row < point.tasks; ) {
      const { answer, code } = await prober.once({ door: point.door(null), secret, mode: 'login', timeoutMs: askMs });
      row = answer === 'accepted' ? row + 1 : 0;
      if (row > 0) continue;
      if (clock.monotonic() >= end)
        throw new FailedError(
          'not_accepted',
          `${point.name} does not accept ${what}: the last answer was ${answer}${code === null ? '' : ` (${code})`}`,
        );
      await clock.sleep(againMs, signal);
    }
  }
}

const askMs = 2_000;
const againMs = 100;
