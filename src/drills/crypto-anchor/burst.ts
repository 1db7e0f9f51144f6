import { InconclusiveError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import type { Context } from './context.ts';
import type { Burst } from './judge.ts';
import { runIn } from './operate.ts';

const atOnce = 4;
const mostWindows = 3;

/**
 * Asks for so many operations in the target, as fast as it goes, and begins none after the window but to ask for more than may be allowed: what
 * is refused in a longer time would be in a shorter one. Without a command that does
 * just one, each run of `operate` is as many as there are records (`perRun`), and allowed are those that it printed.
 */
export async function burst(target: Target, perRun: number, mark: string | null, context: Context): Promise<Burst> {
  const { params, clock, signal } = context;
  const { operations, window, atMost } = params.throttle ?? { operations: 0, window: 0, atMost: 0 };
  const { once, command, timeout } = params.operate;
  const each = once === undefined ? perRun : 1;
  const env = mark === null ? undefined : [`PITWALL_MARK=${mark}`];
  const from = clock.monotonic();
  const own = params.throttle?.command;
  if (own !== undefined) {
    const ran = await runIn(target.id, own, context, { timeoutMs: window + timeout, env });
    if (ran.exitCode !== 0 || ran.count === null)
      throw new InconclusiveError('burst', `throttle.command in ${target.name} gave no count (${ran.words})`);
    return { attempted: operations, accepted: ran.count, window, tookMs: clock.monotonic() - from };
  }
  const isTime = (asked: number) => clock.monotonic() < from + (asked > atMost ? 1 : mostWindows) * window;
  let begun = 0;
  let attempted = 0;
  let accepted = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (begun < operations && isTime(begun)) {
        signal.throwIfAborted();
        begun += each;
        const ran = await runIn(target.id, once?.command ?? command, context, { timeoutMs: timeout, env });
        if (!ran.began) continue;
        attempted += each;
        if (once === undefined) accepted += ran.count ?? 0;
        else if (ran.exitCode === 0) accepted += 1;
      }
    }),
  );
  return { attempted, accepted, window, tookMs: clock.monotonic() - from };
}
