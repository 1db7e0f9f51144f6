import { FailedError } from '../../../../domain/errors.ts';
import type { SystemScope } from '../../system.ts';
import type { Held } from './input.ts';
import type { PlacedPoint } from './points.ts';

type Tried = Pick<Held, 'user' | 'secret'>;

const attemptMs = 2_000;
const pauseMs = 100;
/** The longest that is waited until what a step has done is seen at every point, ms; a step with less time of its own gets no more here. */
const settleMs = 10_000;

export interface Trial {
  readonly points: readonly PlacedPoint[];
  readonly scope: SystemScope;
  /** ms that the step had. */
  readonly timeoutMs: number;
}

/** Returns when every point lets it in. `FailedError` `not_accepted` when one does not in good time. */
export async function mustBeAccepted(which: string, tried: Tried, trial: Trial): Promise<void> {
  const bad = await settle('accepted', tried, trial, trial.scope.signal);
  const [first] = bad;
  if (first !== undefined)
    throw new FailedError('not_accepted', `${first.point} does not accept the ${which} credential (${first.code})`, {
      hint: 'the step said that it succeeded: look whether what it made is what the point checks',
    });
}

/** A sentence for each point that does not give this answer in good time. */
export async function notYet(wanted: 'accepted' | 'refused', which: string, tried: Tried, trial: Trial): Promise<string[]> {
  const bad = await settle(wanted, tried, trial);
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
  { points, scope, timeoutMs }: Trial,
  signal?: AbortSignal,
): Promise<Unsettled[]> {
  const until = scope.clock.monotonic() + Math.min(settleMs, timeoutMs);
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
