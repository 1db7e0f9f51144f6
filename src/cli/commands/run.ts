import type { Drill } from '../../domain/drill.ts';
import type { Engine } from '../../domain/engine.ts';
import { type ExitCode, exitCodes, InvalidError, PitwallError, RefusedError } from '../../domain/errors.ts';
import { matchesGlob } from '../../domain/glob.ts';
import type { RunRecord } from '../../domain/words.ts';
import type { RunnerDeps } from '../../runner/deps.ts';
import { recover } from '../../runner/recover.ts';
import type { RunOutcome } from '../../runner/run/options.ts';
import { run } from '../../runner/run/run.ts';
import type { App } from '../app.ts';
import { audited } from '../audited.ts';
import { findDrills } from '../find-drill.ts';
import { type GivenFlags, givenTargets } from '../given.ts';
import { type OutputFlags, runOutputs } from '../run-outputs.ts';
import { onSignals } from '../signals.ts';
import { showChanges, withChanges } from '../view/changes.ts';
import { showCurve } from '../view/curve.ts';
import { refuseSuggest, showMatrix } from '../view/matrix.ts';
import { eventLine, showRecord } from '../view/record.ts';

export interface RunFlags extends GivenFlags, OutputFlags {
  readonly seed?: string;
  readonly ignoreWindow?: boolean;
  readonly reason?: string;
  readonly suggest?: boolean;
}

/** `pitwall run DRILL|FILE`: one run for each drill and engine, one after another. */
export async function runCommand(reference: string, flags: RunFlags, app: App): Promise<ExitCode> {
  const { out } = app;
  if (flags.ignoreWindow && !flags.reason) throw new InvalidError('usage', '--ignore-window needs --reason "why"');
  const found = findDrills(reference, app);
  if (flags.suggest) refuseSuggest(found, app);
  const displaced = new AbortController();
  const deps = await app.runner({
    onEvent: (event) => out.progress(eventLine(event)),
    onDisplaced: () => displaced.abort(new Error('this process was taken for dead, and its runs were ended by another')),
  });
  const replay = flags.replay === undefined ? undefined : replayed(flags.replay, found, deps.store.runs.record(flags.replay));
  const drills = replay === undefined ? found : found.filter((drill) => drill.name === replay.drill);
  const given = givenTargets(flags, drills, app);
  const outputs = await runOutputs(flags, { drills, given }, app);
  const engines = await app.engines();
  // all of them are known before the first begins: a mistake in the second drill must not be found after the first has run
  const work = drills.flatMap((drill) => enginesFor(drill, engines, replay).map((engine) => ({ drill, engine })));
  for (const engine of new Set(work.map((one) => one.engine))) await given?.check(engine);
  for (const note of given?.notes ?? []) out.warn(note);
  using signals = onSignals((text) => out.progress(text));
  const signal = AbortSignal.any([signals.signal, displaced.signal]);
  const act = {
    act: 'run',
    object: drills.map((drill) => drill.name).join(', '),
    data: asked(flags, replay),
  };
  const { outcomes, codes } = await audited(act, app, async () => {
    await recovered(engines, deps, app);
    return runAll({ work, given, replay, outputs, signal }, flags, deps, app);
  });
  const data = outcomes.map(({ record }) => withChanges(record, outputs.changes(record)));
  out.data(data.length === 1 ? data[0] : data);
  try {
    await outputs.write(outcomes);
  } catch (error) {
    // what the runs came to is not lost with a report
    if (!(error instanceof PitwallError)) throw error;
    out.warn(error.message);
    codes.push(error.exitCode);
  }
  return worst(codes);
}

/** Beside the drill, what it was asked to do otherwise than by its file. */
function asked({ ignoreWindow, reason }: RunFlags, replay: RunRecord | undefined): Readonly<Record<string, unknown>> | null {
  if (!ignoreWindow && replay === undefined) return null;
  return { ...(ignoreWindow ? { ignoreWindow: reason } : {}), ...(replay === undefined ? {} : { replay: replay.id }) };
}

async function recovered(engines: readonly Engine[], deps: RunnerDeps, { out }: App): Promise<void> {
  const recovery = await recover(engines, deps);
  for (const sentence of [...recovery.done, ...recovery.residue, ...recovery.notices]) out.progress(sentence);
}

interface Asked {
  readonly work: readonly { readonly drill: Drill; readonly engine: Engine }[];
  readonly given: ReturnType<typeof givenTargets>;
  readonly replay: RunRecord | undefined;
  readonly outputs: Awaited<ReturnType<typeof runOutputs>>;
  readonly signal: AbortSignal;
}

async function runAll({ work, given, replay, outputs, signal }: Asked, flags: RunFlags, deps: RunnerDeps, app: App) {
  const { out } = app;
  const isOfCatalogue = ({ name, source }: Drill) => {
    const own = app.catalogue().drills.find((candidate) => candidate.name === name);
    return own === undefined || own.source.definition === source.definition;
  };
  for (const drill of new Set(work.map((one) => one.drill))) {
    if (given === undefined && !isOfCatalogue(drill))
      out.warn(`${drill.name}: the catalogue has another drill of this name, so what this one finds does not count in the scorecard`);
  }
  const outcomes: RunOutcome[] = [];
  const codes: ExitCode[] = [];
  for (const { drill, engine } of work) {
    if (signal.aborted) {
      out.warn(`${drill.name} was not begun on ${engine.name}: ${(signal.reason as Error).message}`);
      codes.push(exitCodes.refused);
      continue;
    }
    const outcome = await run(
      drill,
      engine,
      {
        trigger: given === undefined ? app.trigger : 'ci',
        actor: app.actor,
        seed: flags.seed,
        replay,
        given,
        scored: isOfCatalogue(drill),
        counting: outputs.counting,
        ignoreWindow: flags.ignoreWindow ? flags.reason : undefined,
        signal,
      },
      deps,
    );
    outcomes.push(outcome);
    codes.push(outcome.exitCode);
    out.line();
    const changes = outputs.changes(outcome.record);
    if (changes === null) showRecord(out, outcome.record);
    else showChanges(out, outcome.record, changes);
    showMatrix(outcome.record, flags, deps.store, out);
    showCurve(outcome.record, deps.store, out);
    if (outcome.hint !== null) out.line(`try: ${outcome.hint}`);
  }
  return { outcomes, codes };
}

/**
 * On several engines: one run each, on those whose environment the drill allows. Where it allows none of them each says so itself. A drill
 * that names engines runs on those, and they must be in the configuration.
 */
export function enginesFor(drill: Drill, engines: readonly Engine[], replay?: RunRecord): readonly Engine[] {
  const { engines: wanted } = drill.targets;
  const isNamed = ({ name }: Pick<Engine, 'name'>) => wanted === null || wanted.some((glob) => matchesGlob(glob, name));
  if (replay !== undefined) {
    const same = engines.filter((engine) => engine.name === replay.engine.name);
    if (same.length === 0)
      throw new InvalidError('unknown_engine', `run ${replay.id} was on engine ${replay.engine.name}, which is not in the configuration`);
    // the drill may have been written anew since
    if (!same.every(isNamed))
      throw new RefusedError(
        'replay_target_missing',
        `run ${replay.id} was on engine ${replay.engine.name}, which ${drill.name} names no more`,
        {
          hint: `its targets.engines: ${wanted?.join(', ')}`,
        },
      );
    return same;
  }
  if (wanted !== null) {
    const named = engines.filter(isNamed);
    if (named.length > 0) return named;
    const known = engines.map((engine) => engine.name).join(', ');
    throw new InvalidError('unknown_engine', `${drill.name} names the engine ${wanted.join(', ')}; the configuration has ${known}`);
  }
  const allowed = engines.filter((engine) => engine.environment !== null && drill.environments.includes(engine.environment));
  return allowed.length > 0 ? allowed : engines;
}

/** The run that is replayed. Throws InvalidError `unknown_run`, and `usage` when it was of another drill. */
export function replayed(id: string, drills: readonly Drill[], record: RunRecord | null): RunRecord {
  if (record === null) throw new InvalidError('unknown_run', `there is no run ${id}`, { hint: 'pitwall runs' });
  if (!drills.some((drill) => drill.name === record.drill)) {
    throw new InvalidError(
      'usage',
      `run ${record.id} was of the drill ${record.drill}, not of ${drills.map((drill) => drill.name).join(', ')}`,
    );
  }
  return record;
}

const order: readonly ExitCode[] = [
  exitCodes.residue,
  exitCodes.database,
  exitCodes.engine,
  exitCodes.defect,
  // what was asked is wrong in a way that only the engine could show: no answer may turn that into 0
  exitCodes.usage,
  exitCodes.failed,
  exitCodes.refused,
  exitCodes.inconclusive,
];

/** Several runs in one command: the first of 5, 7, 6, 70, 1, 4, 3 that occurred. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  return order.find((code) => codes.includes(code)) ?? exitCodes.ok;
}
