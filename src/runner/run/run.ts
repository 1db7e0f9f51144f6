import { randomBytes } from 'node:crypto';
import type { Drill } from '../../domain/drill.ts';
import type { Engine } from '../../domain/engine.ts';
import { DatabaseError, PitwallError } from '../../domain/errors.ts';
import type { RunnerDeps } from '../deps.ts';
import { Aborted, createAborter } from './abort.ts';
import { carryOut } from './carry-out.ts';
import type { RunState } from './execution.ts';
import type { RunOptions, RunOutcome } from './options.ts';
import { type Recorder, recorder } from './recorder.ts';
import { stillThere } from './still-there.ts';
import { type Judgement, judgeRun, type Outcome } from './verdict.ts';
import { watch } from './watch.ts';

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
