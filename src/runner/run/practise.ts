import type { Check } from '../../checks/check.ts';
import { formatAmount } from '../../domain/amount.ts';
import type { Drill } from '../../domain/drill.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { Engine } from '../../domain/engine.ts';
import { errorBody } from '../../domain/errors.ts';
import { formatPercent } from '../../domain/percent.ts';
import type { RunnerDeps } from '../deps.ts';
import { kindOf, type Prepared } from '../plan.ts';
import { reconcileRun } from '../reconcile.ts';
import { createContext } from './context.ts';
import type { Execution } from './execution.ts';
import type { openHelpers } from './helpers.ts';
import { startSampler } from './sampler.ts';
import { availabilityArtifact, lostDuring, settle } from './steady-state.ts';

/** How long the steady state may take to hold again after. */
const settleAfterMs = 10_000;

/** The drill itself, between samples of its steady state; what it changed is undone before the sampling ends. */
export async function practise(
  drill: Drill,
  engine: Engine,
  engineId: string,
  prepared: Prepared,
  { checks, helpers }: { readonly checks: readonly Check[]; readonly helpers: ReturnType<typeof openHelpers> },
  execution: Execution,
  deps: RunnerDeps,
): Promise<void> {
  const { runId, aborter, record, state } = execution;
  const { abortIf } = drill.safety;
  const sampling = deps.clock.monotonic();
  const sampler = startSampler(checks, {
    clock: deps.clock,
    onSample(sample) {
      record.sample(sample, sample.asked - execution.begun);
      if (abortIf === null || deps.clock.monotonic() - sampling < abortIf.forMs) return;
      const share = sampler.availability(deps.clock.monotonic() - abortIf.forMs);
      if (share !== null && share < abortIf.availability) {
        aborter.abort(
          'availability',
          `availability was ${formatAmount(share, 'ratio')} over ${formatDuration(abortIf.forMs)}, safety.abortIf allows no less than ${formatPercent(abortIf.availability)}`,
        );
      }
    },
    onFailure(error) {
      state.error ??= error;
      aborter.abort('database', errorBody(error).error.message);
    },
  });
  try {
    const context = createContext(
      {
        drill,
        engine,
        prepared,
        sampler,
        checks,
        runId,
        actor: execution.options.actor,
        trigger: execution.options.trigger,
        helpers,
        record,
        signal: aborter.signal,
        engineId,
        ignoreWindow: execution.options.ignoreWindow !== undefined,
        onActed: () => (state.acted = true),
      },
      deps,
    );
    await kindOf(drill, deps).run(context);
  } finally {
    // undone before the sampling ends, so that the availability tells how it went on too
    try {
      const left = await reconcileRun(runId, engine, {
        ...deps,
        onChange: (change, note) => record.event('undo', null, `${change.target}: ${note}`),
      });
      for (const sentence of left) record.residue(sentence);
    } finally {
      await sampler.stop();
    }
    if (checks.length > 0) record.artifact('availability', availabilityArtifact(checks, sampler, sampling));
  }
  const availability = sampler.availability(Number.NEGATIVE_INFINITY);
  if (availability !== null) record.measure('availability', null, availability, 'ratio');
  if (aborter.signal.aborted) throw aborter.reason;
  if (checks.length === 0) return;
  const after = await settle(checks, { withinMs: settleAfterMs, everyMs: 500, clock: deps.clock, signal: aborter.signal });
  record.event('steady-state', null, after.length === 0 ? 'holds after' : `lost after: ${after.join('; ')}`);
  state.lost = [...lostDuring(checks, sampler), ...after.map((sentence) => `after the drill ${sentence}`)];
}
