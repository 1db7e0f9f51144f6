import { type Check, openCheck } from '../../checks/check.ts';
import type { Drill } from '../../domain/drill.ts';
import type { Engine } from '../../domain/engine.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Plan } from '../../domain/kind.ts';
import type { RunnerDeps } from '../deps.ts';
import { planReport, prepare, projectOf, refuseHalted } from '../plan.ts';
import type { Execution } from './execution.ts';
import { openGiven, refuseGiven } from './given.ts';
import { openHelpers } from './helpers.ts';
import { practise } from './practise.ts';
import { askAll } from './steady-state.ts';

/** How often a check that must hold before is asked, at most. */
const roundsBefore = 3;

/** Plans, locks, sees that the steady state holds, and practises. Whatever stops it on the way is thrown. */
export async function carryOut(drill: Drill, engine: Engine, execution: Execution, deps: RunnerDeps): Promise<void> {
  const { runId, options, aborter, record, state } = execution;
  refuseHalted(deps);
  if (options.given !== undefined) refuseGiven(drill, deps);
  const info = await engine.info({ signal: aborter.signal });
  deps.store.runs.setEngine(runId, { name: engine.name, id: info.id, version: info.version, environment: engine.environment });
  await using given = openGiven(options.given, { drill, engine, runId, signal: aborter.signal }, deps, (sentence) =>
    record.residue(sentence),
  );
  const prepared = await prepare(
    drill,
    engine,
    {
      seed: execution.seed,
      only: options.replay?.targets.filter((target) => target.leftOut === null).map((target) => target.name),
      ignoreWindow: options.ignoreWindow,
      signal: aborter.signal,
      given: given.targets,
      onSelected: (selection) => record.selected(selection),
    },
    deps,
  );
  record.planned(planReport(drill, engine, execution.seed, prepared), prepared.plan);
  if (options.ignoreWindow !== undefined) record.event('window', null, `the window was ignored: ${options.ignoreWindow}`);
  state.idle = prepared.plan.units.length === 0;
  state.worked = prepared.plan.units.flatMap((unit) => unit.targets.map((target) => target.name));
  if (options.given === undefined) lock(runId, info.id, prepared.plan, deps);
  else record.event('given', null, `made from ${options.given.from}, never started`, { notes: options.given.notes });
  await using helpers = openHelpers(runId, engine, deps, (sentence) => record.residue(sentence));
  // where nothing that serves is touched the steady state is nobody's business
  const checks = (state.idle || options.given !== undefined ? [] : drill.steadyState).map((spec) =>
    openCheck(spec, {
      engine,
      project: projectOf(drill, prepared.selection.targets),
      clock: deps.clock,
      runId,
      instance: deps.store.instanceId,
      helper: helpers.image,
    }),
  );
  try {
    await holdsBefore(checks, execution, deps);
    await practise(drill, engine, info.id, prepared, { checks, helpers }, execution, deps);
  } finally {
    await Promise.all(checks.map((check) => check.close()));
  }
}

async function holdsBefore(checks: readonly Check[], { aborter, record }: Execution, deps: RunnerDeps): Promise<void> {
  let lost: string[] = [];
  for (let round = 0; round < roundsBefore; round++) {
    if (round > 0) await deps.clock.sleep(500, aborter.signal);
    lost = await askAll(checks, aborter.signal);
    aborter.signal.throwIfAborted();
    if (lost.length === 0) {
      if (checks.length > 0) record.event('steady-state', null, 'holds before');
      return;
    }
  }
  throw new RefusedError('steady_state_before', `the steady state does not hold, so nothing was touched: ${lost.join('; ')}`, {
    hint: 'mend the service or the check first',
  });
}

/** All of the targets or none, in one transaction: two runs that prepare at the same moment cannot both have them. */
function lock(runId: string, engineId: string, plan: Plan, deps: RunnerDeps): void {
  const targets = plan.units.flatMap((unit) => unit.targets);
  const held = deps.store.locks.acquire(
    runId,
    targets.map((target) => ({ engineId, containerId: target.id, name: target.name })),
  );
  if (held) throw new RefusedError('locked', `${held.name} is taken by ${held.holder}`, { hint: 'wait until it has ended' });
}
