import { type Drift, drift } from '../../container/drift.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import type { FreezeResult } from '../../domain/evidence.ts';
import type { RunContext } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import type { Params } from './params.ts';

/** Long enough for somebody to look at it; then it is ended for good, for it must never run beside its replacement. */
const leaseMs = 4 * 3_600_000;

export interface KeptDrifted {
  readonly drift: Drift;
  readonly result: FreezeResult;
  /** UTC ms: when its replacement was made. */
  readonly createdAt: number;
  /** Monotonic. */
  readonly from: number;
  readonly to: number;
}

/** What its layer has that its image has not, where somebody may run it; null when there is nothing of the sort, or it could not be read. */
export async function unexpected(target: Target, { engine, signal }: RunContext<Params>): Promise<Drift | null> {
  try {
    const found = await drift(engine, await engine.inspect(target.id), { signal });
    return found.executables.length > 0 ? found : null;
  } catch (error) {
    // knowing less is no reason to let it live on: the recycling that follows says that it could not be read
    if (error instanceof EngineError && !error.lost) return null;
    throw error;
  }
}

/**
 * Freezes a container in place of stopping it: its evidence is taken, a fresh one from its image takes its name, networks and ports, and it stays
 * frozen. Throws `FailedError` when it could not be frozen or replaced.
 */
export async function keepDrifted(target: Target, found: Drift, context: RunContext<Params>): Promise<KeptDrifted> {
  const { clock, engine, runId, actor, trigger, journal, signal } = context;
  signal.throwIfAborted();
  const named = found.executables.slice(0, 3).join(', ');
  const more = found.executables.length > 3 ? `, and ${found.executables.length - 3} more` : '';
  context.event('unexpected', target, `${target.name} has executables that its image has not: ${named}${more}; it is kept as evidence`);
  const from = clock.monotonic();
  const { cases, notFrozen } = await context.freezer.freeze(
    {
      containers: [{ id: target.id }],
      receivedAt: from,
      reason: `executables that the image has not: ${named}${more}`,
      disposition: 'replace',
      memory: 'proc',
      volumes: false,
      leaseMs,
      onExpiry: 'resume',
      onceReplaced: 'kill',
      alert: null,
    },
    {
      runId,
      actor,
      trigger,
      engine,
      journal,
      signal,
      event: (type, _, message, data) => context.event(type, target, message, data),
    },
  );
  const to = clock.monotonic();
  const [result] = cases;
  if (result === undefined)
    throw new FailedError('not_frozen', `${target.name} was not frozen: ${notFrozen[0]?.reason ?? 'no reason was given'}`);
  for (const note of result.notes) context.event('note', target, note);
  if (result.failure !== null) {
    context.outcome(target, 'frozen and held');
    throw new FailedError('not_replaced', `${target.name} was frozen and could not be replaced: ${result.failure}`, {
      hint: `pitwall release ${result.evidence.id} --to resume, or replace`,
    });
  }
  // the name is the replacement's by now
  const made = await engine.inspect(target.name);
  if (made.Id === target.id) throw new FailedError('not_replaced', `${target.name} was frozen, and nothing took its place`);
  return { drift: found, result, createdAt: Date.parse(made.Created), from, to };
}
