import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { FailedError } from '../../../../domain/errors.ts';
import type { Secret } from '../../../../domain/secret.ts';
import type { HttpPoint } from '../../http-points.ts';
import type { Point, SystemScope } from '../../system.ts';
import type { Survey } from './survey.ts';

/**
 * One for each replica of each service. Their containers and addresses are others after every update, so they are asked for by the name that Swarm's
 * name service has for all tasks that run at the time, each point the one of its place in that list: past the service's virtual address, behind which a
 * prober may meet the same replica every time.
 */
export function pointsOf(asked: readonly HttpPoint[], users: Survey['users']): Point[] {
  return asked.flatMap(({ service, port, path, header }) =>
    users
      .filter((user) => user.checks && user.name === service)
      .flatMap(({ service: { Spec }, replicas }) =>
        Array.from(
          { length: replicas },
          (_, nth): Point => ({
            name: `${service}:${port} (${Spec.Name}, replica ${nth + 1} of ${replicas})`,
            target: null,
            door: () => ({ protocol: 'http', url: `http://tasks.${Spec.Name}:${port}${path}`, header, nth }),
            modes: ['login'],
          }),
        ),
      ),
  );
}

export interface Asking {
  /** Where they are asked from. */
  readonly from: readonly ContainerInspect[];
  readonly withinMs: number;
  readonly scope: SystemScope;
}

/** Until each point has let this in. `FailedError` `not_accepted` when one does not within the time. */
export async function untilAccepted(
  points: readonly Point[],
  secret: Secret,
  what: string,
  { from, withinMs, scope }: Asking,
): Promise<void> {
  const { clock, signal } = scope;
  const [place] = from;
  if (place === undefined) return;
  const prober = await scope.prober(place);
  const end = clock.monotonic() + withinMs;
  for (const point of points) {
    for (;;) {
      const { answer, code } = await prober.once({ door: point.door(null), secret, mode: 'login', timeoutMs: askMs });
      if (answer === 'accepted') break;
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
/** Requests over one connection that show that it is kept. */
const enough = 3;

/**
 * The same points, with a session at each that keeps its connection from one request to the next. It shows how long a task that Swarm has taken out of the name goes on
 * serving; where the server closes after every answer there is none to be kept.
 */
export function withSessions(points: readonly Point[], secret: Secret, { from, scope }: Pick<Asking, 'from' | 'scope'>): Promise<Point[]> {
  return Promise.all(
    points.map(async (point): Promise<Point> => {
      const [place] = from;
      if (place === undefined) return point;
      const prober = await scope.prober(place);
      const series = prober.start({ door: point.door(null), secret, mode: 'session', everyMs: 20, timeoutMs: askMs });
      const end = scope.clock.monotonic() + askMs;
      const answers = () => series.samples().map(({ answer }) => answer);
      const open = () => answers().every((answer) => answer === 'accepted');
      while (open() && answers().length < enough && scope.clock.monotonic() < end) await scope.clock.sleep(againMs, scope.signal);
      await series.stop();
      const kept = open() && answers().length >= enough;
      return kept ? { ...point, modes: ['login', 'session'] } : point;
    }),
  );
}
