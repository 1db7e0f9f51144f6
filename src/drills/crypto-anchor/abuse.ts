import { randomBytes } from 'node:crypto';
import { markOf } from '../../domain/mark.ts';
import type { Target } from '../../domain/target.ts';
import type { Answer } from './answers.ts';
import { burst } from './burst.ts';
import type { Context } from './context.ts';
import { judgeAlert, judgeThrottle } from './judge.ts';
import { countAt, type Home, runIn } from './operate.ts';

/** Whether an alert of that sort has come by now. */
interface Ears {
  /** Null: none could come, for the reason in `deaf`. */
  heard(which: 'usual' | 'burst'): Promise<boolean>;
  readonly deaf: () => string | null;
  readonly marks: { readonly usual: string | null; readonly burst: string | null };
}

/** How long the usual use must stay without an alert. */
const quietMs = 1_000;
const pollMs = 200;

/** CA-2 and CA-4: one burst serves both, for after it the anchor wants a pause. */
export async function abuse(
  target: Target,
  home: Home,
  asked: { readonly throttle: boolean; readonly alert: boolean },
  context: Context,
): Promise<{ readonly throttle: Answer | null; readonly alert: Answer | null }> {
  const { params, clock, signal } = context;
  const limit = params.throttle;
  if (limit === undefined) throw new Error('nothing says what unusual use is');
  const records = await home.read();
  const ears = asked.alert ? await listen(target, context) : null;
  let usual = false;
  if (ears !== null) {
    const { once, command, timeout } = params.operate;
    const env = ears.marks.usual === null ? undefined : [`PITWALL_MARK=${ears.marks.usual}`];
    await runIn(target.id, once?.command ?? command, context, { timeoutMs: timeout, env });
    await clock.sleep(quietMs, signal);
    usual = await ears.heard('usual');
  }
  // so that it meets a limit that has nothing to hold against us
  if (asked.throttle) await clock.sleep(limit.window, signal);
  const seen = await burst(target, records, ears?.marks.burst ?? null, context);
  const from = clock.monotonic();
  context.event('burst', target, `${seen.attempted} operations were asked for, ${seen.accepted} were allowed`);

  let alert: Answer | null = null;
  if (ears !== null && params.alert !== undefined) {
    const { within } = params.alert;
    let afterMs: number | null = null;
    while (afterMs === null && ears.deaf() === null) {
      if (await ears.heard('burst')) afterMs = clock.monotonic() - from;
      else if (clock.monotonic() - from >= within) break;
      else await clock.sleep(pollMs, signal);
    }
    usual ||= ears.marks.usual !== null && (await ears.heard('usual'));
    alert = judgeAlert({
      usual,
      afterMs: afterMs !== null && afterMs > within ? null : afterMs,
      within,
      attempted: seen.attempted,
      deaf: ears.deaf(),
    });
    if (alert.state === 'holds' && afterMs !== null) context.measure('time_to_alert', target, afterMs);
  }
  if (!asked.throttle) return { throttle: null, alert };
  await clock.sleep(limit.window, signal);
  // a pause was asked for: what has refused by its rate serves again
  const whole = await home.read().then(
    (count) => count >= records,
    (error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof Error && 'code' in error && error.code === 'home') return false;
      throw error;
    },
  );
  const throttle = judgeThrottle(seen, limit.atMost, whole);
  if (throttle.state !== 'inconclusive')
    context.measure('operations_per_second_allowed', target, seen.accepted / (Math.max(limit.window, seen.tookMs) / 1_000));
  return { throttle, alert };
}

/** By the count of a command, or by marks that alerts to `pitwall serve` repeat. */
async function listen(target: Target, context: Context): Promise<Ears> {
  const { params, alerts, runId } = context;
  const { command, in: place = params.anchor } = params.alert ?? {};
  if (command === undefined) {
    const marks = { usual: markOf(runId, randomBytes(6).toString('hex')), burst: markOf(runId, randomBytes(6).toString('hex')) };
    return {
      marks,
      deaf: () => alerts.whyDeaf(),
      heard: async (which) => alerts.seen().some(({ mark }) => mark === marks[which]),
    };
  }
  const count = () => countAt(place, command, 'params.alert', target, context);
  let last = await count();
  return {
    marks: { usual: null, burst: null },
    deaf: () => null,
    async heard() {
      const now = await count();
      const more = now > last;
      last = now;
      return more;
    },
  };
}
