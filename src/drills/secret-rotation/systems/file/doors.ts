import { plainName } from '../../../../container/names.ts';
import type { Secret } from '../../../../domain/secret.ts';
import type { Point, SystemScope } from '../../system.ts';
import type { Params } from './params.ts';

export interface Tried {
  readonly point: Point;
  /** Null: it is as wanted. Else what it answered in the end: `accepted`, or a code. */
  readonly problem: string | null;
}

const everyMs = 50;
const timeoutMs = 2_000;

/** Tries a value at each point, from its own network, until it is answered as wanted, or `withinMs` have gone by. */
export function tryAll(
  points: readonly Point[],
  secret: Secret,
  wanted: 'accepted' | 'refused',
  params: Params,
  scope: SystemScope,
  withinMs: number,
): Promise<Tried[]> {
  const until = scope.clock.monotonic() + withinMs;
  return Promise.all(
    points.map(async (point) => {
      for (;;) {
        const problem = await tryOnce(point, secret, wanted, params, scope);
        if (problem === null || scope.clock.monotonic() >= until) return { point, problem };
        await scope.clock.sleep(everyMs, scope.signal);
      }
    }),
  );
}

async function tryOnce(point: Point, secret: Secret, wanted: string, { points }: Params, scope: SystemScope): Promise<string | null> {
  const running = (await Promise.all(points.map(({ service }) => scope.service(service)))).flat();
  const container = running.find(({ Name }) => plainName(Name) === point.target);
  if (container === undefined) return 'it does not run';
  const prober = await scope.prober(container);
  const { answer, code } = await prober.once({ door: point.door(null), secret, mode: 'login', timeoutMs });
  return answer === wanted ? null : (code ?? answer);
}
