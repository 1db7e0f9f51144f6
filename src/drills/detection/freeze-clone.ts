import { FailedError } from '../../domain/errors.ts';
import type { RunContext } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import type { Params } from './params.ts';

/** A clone is of no use to anybody for longer. */
const leaseMs = 300_000;

/** From the alert to a clone that stands still, with its evidence: what a responder would do with the container itself. */
export async function freezeClone(id: string, attemptedAt: number, target: Target, context: RunContext<Params>): Promise<void> {
  const { clock, engine, runId, actor, trigger, journal, signal } = context;
  const receivedAt = clock.monotonic();
  const { cases, notFrozen } = await context.freezer.freeze(
    {
      containers: [{ id }],
      receivedAt,
      reason: 'a drill of detection',
      disposition: 'resume',
      memory: 'proc',
      volumes: false,
      leaseMs,
      onExpiry: 'resume',
      onceReplaced: 'kill',
      alert: null,
    },
    { runId, actor, trigger, engine, journal, signal, event: (type, _, message, data) => context.event(type, target, message, data) },
  );
  const [result] = cases;
  if (result === undefined)
    throw new FailedError('not_frozen', `the clone of ${target.name} was not frozen: ${notFrozen[0]?.reason ?? 'no reason was given'}`);
  context.measure('time_to_freeze', target, result.timeToFreeze);
  context.measure('time_to_respond', target, receivedAt - attemptedAt + result.timeToFreeze);
  context.event('chain', target, `attempt → alert → freeze: evidence ${result.evidence.id}`, { evidence: result.evidence.id });
}
