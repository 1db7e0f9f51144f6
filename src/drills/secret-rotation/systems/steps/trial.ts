import { FailedError } from '../../../../domain/errors.ts';
import type { SystemScope } from '../../system.ts';
import type { Held } from './input.ts';
import type { PlacedPoint } from './points.ts';

type Tried = Pick<Held, 'user' | 'secret'>;

const attemptMs = 2_000;
const pauseMs = 100;
/** ms within which what a step has done must be seen at every point. */
const settleMs = 10_000;

/** Returns when every point lets it in. `FailedError` `not_accepted` when one does not in good time. */
export async function mustBeAccepted(which: string, tried: Tried, points: readonly PlacedPoint[], scope: SystemScope): Promise<void> {
  const bad = await settle('accepted', tried, points, scope, scope.signal);
  const [first] = bad;
  if (first !== undefined)
    throw new FailedError('not_accepted', `${first.point} does not accept the ${which} credential (${first.code})`, {
      hint: 'the step said that it succeeded: look whether what it made is what the point checks',
    });
}

/** A sentence for each point that does not give this answer in good time. */
export async function notYet(
  wanted: 'accepted' | 'refused',
  which: string,
  tried: Tried,
  points: readonly PlacedPoint[],
  scope: SystemScope,
): Promise<string[]> {
  const bad = await settle(wanted, tried, points, scope);
  return bad.map(({ point, code }) =>
    wanted === 'accepted'
      ? `${point} does not accept the ${which} credential (${code}): put it back by hand`
      : `${point} was not seen to refuse the ${which} credential (${code}): remove it by hand`,
  );
}

interface Unsettled {
  readonly point: string;
  readonly code: string;
}

async function settle(
  wanted: 'accepted' | 'refused',
  tried: Tried,
  points: readonly PlacedPoint[],
  scope: SystemScope,
  signal?: AbortSignal,
): Promise<Unsettled[]> {
  const until = scope.clock.monotonic() + settleMs;
  const all = points.map(async ({ point, container }): Promise<Unsettled | null> => {
    const prober = await scope.prober(container);
    for (;;) {
      signal?.throwIfAborted();
      const { answer, code } = await prober.once({
        door: point.door(tried.user),
        secret: tried.secret,
        mode: 'login',
        timeoutMs: attemptMs,
      });
      if (answer === wanted) return null;
      if (scope.clock.monotonic() > until) return { point: point.name, code: code ?? answer };
      await scope.clock.sleep(pauseMs, signal);
    }
  });
  return (await Promise.all(all)).filter((one) => one !== null);
}
