import { randomBytes } from 'node:crypto';
import { type Check, openCheck } from '../checks/check.ts';
import { formatAmount } from '../domain/amount.ts';
import type { Drill } from '../domain/drill.ts';
import { formatDuration } from '../domain/duration.ts';
import type { Engine } from '../domain/engine.ts';
import { DatabaseError, type ExitCode, errorBody, PitwallError, RefusedError } from '../domain/errors.ts';
import type { Plan } from '../domain/kind.ts';
import { formatPercent } from '../domain/percent.ts';
import type { Finding, RunRecord, Trigger } from '../domain/words.ts';
import { Aborted, createAborter } from './abort.ts';
import { createContext } from './context.ts';
import type { RunnerDeps } from './deps.ts';
import { type Given, openGiven, refuseGiven } from './given.ts';
import { openHelpers } from './helpers.ts';
import { kindOf, type Prepared, planReport, prepare, projectOf, refuseHalted } from './plan.ts';
import { reconcileRun } from './reconcile.ts';
import { type Recorder, recorder } from './recorder.ts';
import { startSampler } from './sampler.ts';
import { askAll, availabilityArtifact, lostDuring, settle } from './steady-state.ts';
import { stillThere } from './still-there.ts';
import { type Judgement, judgeRun, type Outcome } from './verdict.ts';
import { watch } from './watch.ts';

export interface RunOptions {
  readonly trigger: Trigger;
  /** Who asked: a user name, a token's name, `scheduler`. */
  readonly actor: string;
  readonly seed?: string | undefined;
  /** Picks the same targets as this run did, by name. */
  readonly replay?: RunRecord | undefined;
  /** UTC ms of the schedule's instant that this run answers; the row is tied to it. */
  readonly slot?: number | undefined;
  readonly ignoreWindow?: string | undefined;
  /** Targets made for this run, in place of the drill's selector; its kind must accept them. */
  readonly given?: Given | undefined;
  /** False for a drill that is not the one of the catalogue that has its name: what it finds is no proof of that one. (Default: true.) */
  readonly scored?: boolean | undefined;
  /** Which findings count for the exit code; the record and its verdict have them all. (Default: all.) */
  readonly counting?: ((record: RunRecord) => readonly Finding[]) | undefined;
  /** Aborts the run; what is half done is put back first. */
  readonly signal?: AbortSignal | undefined;
  /** Called as soon as the run's row is durable. */
  onOpened?(runId: string): void;
}

export interface RunOutcome {
  readonly record: RunRecord;
  /** What to do about it, where that is known. */
  readonly hint: string | null;
  readonly exitCode: ExitCode;
}

/** How often a check that must hold before is asked, at most, and how long one may take to hold again after. */
const roundsBefore = 3;
const settleAfterMs = 10_000;

/**
 * One run from plan to verdict. Never throws for what happens to the drill: that is the verdict. It throws when the run could not be
 * recorded at all.
 */
export async function run(drill: Drill, engine: Engine, options: RunOptions, deps: RunnerDeps): Promise<RunOutcome> {
  const { store, clock } = deps;
  const runId = deps.newId();
  const seed = options.seed ?? options.replay?.seed ?? randomBytes(8).toString('hex');
  const begun = clock.monotonic();
  store.runs.open({
    id: runId,
    drill: drill.name,
    kind: drill.kind,
    trigger: options.trigger,
    actor: options.actor,
    engine: { name: engine.name, id: null, version: null, environment: engine.environment },
    seed,
    definition: drill.source.definition,
    definitionText: drill.source.text,
    processId: deps.processId,
    slot: options.slot,
    scored: options.scored !== false && options.given === undefined,
  });
  options.onOpened?.(runId);
  using aborter = createAborter(options.signal);
  const record = recorder(runId, drill, deps);
  const state: RunState = { error: null, lost: [], idle: false, acted: false, worked: [] };
  const watching = watch(runId, drill.safety.timeoutMs, aborter, { ...deps, onPoll: () => record.flush() });
  try {
    await carryOut(drill, engine, { runId, seed, begun, options, aborter, record, state }, deps);
  } catch (error) {
    if (aborter.reason === null || !comesOfAbort(error)) state.error ??= error;
  } finally {
    await watching.stop();
  }
  store.locks.release(runId);
  const outcome: Outcome = {
    error: state.error,
    aborted: aborter.reason,
    acted: state.acted,
    idle: state.idle,
    worked: state.worked,
    lost: state.lost,
    objectives: drill.objectives,
    measurements: record.measurements,
    findings: record.findings,
    failOn: deps.kinds.get(drill.kind)?.failOn?.(drill.params) ?? 'medium',
    residue: record.residues,
    summary: record.summary,
  };
  const present = await stillThere(drill, engine, record.listed, deps);
  const ended = finish(runId, { ...judgeRun(outcome), present }, record, deps);
  if (options.counting === undefined) return ended;
  return { ...ended, exitCode: judgeRun({ ...outcome, findings: options.counting(ended.record) }).exitCode };
}

/** Once a run is aborted, what its parts then complain of is not what ended it; a defect or a database that fails still is. */
function comesOfAbort(error: unknown): boolean {
  if (error instanceof PitwallError) return !(error instanceof DatabaseError);
  return error instanceof Aborted || (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError'));
}

interface RunState {
  error: unknown;
  lost: readonly string[];
  /** There was nothing to do. */
  idle: boolean;
  /** Something was, or may have been, touched. */
  acted: boolean;
  /** Names of the targets that were to be worked on. */
  worked: readonly string[];
}

interface Execution {
  readonly runId: string;
  readonly seed: string;
  readonly begun: number;
  readonly options: RunOptions;
  readonly aborter: ReturnType<typeof createAborter>;
  readonly record: Recorder;
  readonly state: RunState;
}

async function carryOut(drill: Drill, engine: Engine, execution: Execution, deps: RunnerDeps): Promise<void> {
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

async function practise(
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

function finish(
  runId: string,
  judgement: Judgement & { readonly present: readonly string[] | undefined },
  record: Recorder,
  deps: RunnerDeps,
): RunOutcome {
  record.flush();
  record.event('ended', null, `${judgement.verdict}: ${judgement.reason}`);
  deps.store.runs.end(runId, { ...judgement, residue: record.residues });
  const stored = deps.store.runs.record(runId);
  if (stored === null) throw new Error(`run ${runId} is not in the database that it was written to`);
  return { record: stored, exitCode: judgement.exitCode, hint: judgement.hint };
}
