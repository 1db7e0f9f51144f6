import type { Answer } from '../../../checks/prober/contract.ts';
import { plainName } from '../../../container/names.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { EngineError } from '../../../domain/errors.ts';
import type { Secret } from '../../../domain/secret.ts';
import type { Point, SystemScope } from '../system.ts';

const everyMs = 100;
const attemptMs = 2_000;

/**
 * Tries the secret at each point until all answer as wanted, or the time is up: the points that do not, with their last answer. Asked from the first of the
 * containers that gets an answer at all, as one that is restarted takes its network along.
 */
export async function pointsNot(
  wanted: Answer,
  points: readonly Point[],
  secret: Secret,
  from: readonly ContainerInspect[],
  forMs: number,
  scope: SystemScope,
) {
  const { clock } = scope;
  const until = clock.monotonic() + forMs;
  const answers = await Promise.all(
    points.map(async (point) => {
      for (;;) {
        const answer = await ask(point, secret, from, scope);
        if (answer === wanted || clock.monotonic() >= until) return { point, answer };
        await clock.sleep(everyMs);
      }
    }),
  );
  return answers.filter(({ answer }) => answer !== wanted);
}

async function ask(point: Point, secret: Secret, from: readonly ContainerInspect[], scope: SystemScope): Promise<Answer> {
  const own = from.filter(({ Name }) => plainName(Name) === point.target);
  for (const container of [...from.filter((one) => !own.includes(one)), ...own]) {
    try {
      const prober = await scope.prober(container);
      const { answer } = await prober.once({ door: point.door(null), secret, mode: 'login', timeoutMs: attemptMs });
      if (answer !== 'unknown') return answer;
    } catch (error) {
      if (error instanceof EngineError && error.lost) throw error;
    }
  }
  return 'unknown';
}

/** `web:8443 (shop-web-1), web:8443 (shop-web-2)` */
export function named(points: readonly { readonly point: Point }[]): string {
  return points.map(({ point }) => point.name).join(', ');
}

export function pointsOf(tried: readonly { readonly point: Point }[]): Point[] {
  return tried.map(({ point }) => point);
}
