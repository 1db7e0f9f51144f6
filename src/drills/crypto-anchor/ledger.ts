import type { Target } from '../../domain/target.ts';
import { type Answer, answer } from './answers.ts';
import type { Context } from './context.ts';
import { judgeLedger } from './judge.ts';
import { countAt, runIn } from './operate.ts';

const stillMs = 500;
/** A ledger may be written a little later. */
const settleMs = 3_000;

/** CA-3: the ledger grows by what was done, and by no more. */
export async function ledger(target: Target, context: Context): Promise<Answer> {
  const { params, clock, signal } = context;
  const { command, in: place = params.anchor } = params.ledger ?? { command: [] };
  const count = () => countAt(place, command, 'params.ledger', target, context);
  const before = await count();
  await clock.sleep(stillMs, signal);
  const still = await count();
  const done = await operations(target, context);
  if (done === null) return answer('inconclusive', 'operate failed in the target itself, so nothing was done');
  let after = await count();
  for (const until = clock.monotonic() + settleMs; after - before < done && clock.monotonic() < until; after = await count())
    await clock.sleep(stillMs, signal);
  const { gap, ...judged } = judgeLedger({ before, still, after, done });
  if (gap !== null) context.measure('ledger_gap', target, gap);
  return judged;
}

/** Once, and not again where it gets less than before: what was allowed is in the ledger. */
async function operations(target: Target, context: Context): Promise<number | null> {
  const { once, command, timeout } = context.params.operate;
  const { exitCode, count } = await runIn(target.id, once?.command ?? command, context, { timeoutMs: timeout });
  if (exitCode !== 0 || (once === undefined && (count ?? 0) === 0)) return null;
  return once === undefined ? count : 1;
}
