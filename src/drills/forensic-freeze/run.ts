import { formatDuration } from '../../domain/duration.ts';
import { FailedError } from '../../domain/errors.ts';
import { coverageOf, type FreezeResult } from '../../domain/evidence.ts';
import type { RunContext, WorkUnit } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import { newCanaries } from './canaries.ts';
import type { Params } from './params.ts';
import { score } from './score.ts';
import { subjectOf } from './subject.ts';

type Context = RunContext<Params>;

/** Plants, freezes, and looks for what was planted in the evidence; one target after the other. */
export async function run(context: Context): Promise<void> {
  await context.forEachUnit((unit) => practise(unit, context), { parallel: 1 });
}

async function practise({ targets }: WorkUnit, context: Context): Promise<void> {
  const [target] = targets;
  if (target === undefined) return;
  const { params, signal } = context;
  const canaries = newCanaries(params.canaries);
  const subject = await subjectOf(target, canaries, context);
  let kept: 'evidence' | null = null;
  try {
    signal.throwIfAborted();
    const result = await freeze(target, subject.ground.id, context);
    if (params.disposition === 'replace' && result.failure === null) kept = 'evidence';
    const found = await score(subject, canaries, result, target, context);
    context.measure('canaries_found', target, found);
    const lacking = result.coverage.filter(({ state }) => state === 'missing' || state === 'partial');
    for (const { step, state, reason } of lacking)
      context.event('coverage', target, `${step} ${state}${reason === null ? '' : `: ${reason}`}`);
    for (const note of result.notes) context.event('note', target, note);
    context.event('canaries', target, `${found} of ${canaries.kinds.length} canaries are in ${result.evidence.id}; ${result.outcome}`);
    // few words, and the same for all: the run's summary counts them
    context.outcome(
      target,
      params.on === 'clone' ? 'frozen as a clone' : `frozen and ${result.failure === null ? `${params.disposition}d` : 'held'}`,
    );
    if (result.failure !== null) throw new FailedError('disposition', `${target.name}: ${result.failure}`);
  } finally {
    await subject.dispose(kept);
  }
}

async function freeze(target: Target, id: string, context: Context): Promise<FreezeResult> {
  const { params, clock, engine, runId, actor, trigger, journal, signal } = context;
  const from = clock.monotonic();
  const { cases, notFrozen } = await context.freezer.freeze(
    {
      containers: [{ id }],
      receivedAt: from,
      reason: 'a drill',
      disposition: params.disposition,
      memory: params.memory,
      volumes: false,
      leaseMs: params.lease,
      onExpiry: 'resume',
      // a replaced one must not run beside its replacement; one that was not replaced is not ended for it
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
  const [result] = cases;
  if (result === undefined)
    throw new FailedError('not_frozen', `${target.name} was not frozen: ${notFrozen[0]?.reason ?? 'no reason was given'}`);
  const { evidence, timeToFreeze, frozenTime, timeToEvidence } = result;
  context.measure('time_to_freeze', target, timeToFreeze);
  context.measure('time_to_evidence', target, timeToEvidence);
  context.measure('coverage', target, evidence.coverage ?? coverageOf(result.coverage));
  context.measure('evidence_bytes', target, evidence.bytes);
  if (frozenTime !== null) context.measure('frozen_time', target, frozenTime);
  // requests that failed tell more than the time that a container stood still; of a clone nobody asks anything
  const downtime = (await context.failedMs(from, clock.monotonic())) ?? (params.on === 'target' ? result.downtime : null);
  if (downtime !== null) context.measure('downtime', target, downtime);
  context.event(
    'scored',
    target,
    `frozen after ${formatDuration(timeToFreeze)}, evidence ${evidence.id} after ${formatDuration(timeToEvidence)}`,
    {
      evidence: evidence.id,
      folder: result.folder,
    },
  );
  return result;
}
