import type { Drill } from '../domain/drill.ts';
import type { Engine } from '../domain/engine.ts';
import { type ExitCode, exitCodes, InvalidError } from '../domain/errors.ts';
import { matchesGlob } from '../domain/glob.ts';
import type { RunRecord } from '../domain/words.ts';
import { recover } from '../runner/recover.ts';
import { run } from '../runner/run.ts';
import type { App } from './app.ts';
import { audited } from './audited.ts';
import { findDrills } from './find-drill.ts';
import { eventLine, showRecord } from './record-view.ts';
import { onSignals } from './signals.ts';

export interface RunFlags {
  readonly seed?: string;
  readonly replay?: string;
  readonly ignoreWindow?: boolean;
  readonly reason?: string;
}

/** `pitwall run DRILL|FILE`: one run for each drill and engine, one after another. */
export async function runCommand(reference: string, flags: RunFlags, app: App): Promise<ExitCode> {
  const { out } = app;
  if (flags.ignoreWindow && !flags.reason) throw new InvalidError('usage', '--ignore-window needs --reason "why"');
  const drills = findDrills(reference, app);
  const deps = await app.runner({ onEvent: (event) => out.progress(eventLine(event)) });
  const replay = flags.replay === undefined ? undefined : replayed(flags.replay, drills, deps.store.runs.record(flags.replay));
  const engines = await app.engines();
  using signals = onSignals((text) => out.progress(text));
  await audited('run', drills.map((drill) => drill.name).join(', '), flags.ignoreWindow ? { ignoreWindow: flags.reason } : null, app);
  const recovery = await recover(engines, deps);
  for (const sentence of recovery.done) out.progress(sentence);
  const records: RunRecord[] = [];
  const codes: ExitCode[] = [];
  for (const drill of drills) {
    for (const engine of enginesFor(drill, engines, replay)) {
      if (signals.signal.aborted) break;
      const outcome = await run(
        drill,
        engine,
        {
          trigger: process.env.CI ? 'ci' : 'manual',
          actor: app.actor,
          seed: flags.seed,
          replay,
          ignoreWindow: flags.ignoreWindow ? flags.reason : undefined,
          signal: signals.signal,
        },
        deps,
      );
      records.push(outcome.record);
      codes.push(outcome.exitCode);
      out.line();
      showRecord(out, outcome.record);
    }
  }
  out.data(records.length === 1 ? records[0] : records);
  return worst(codes);
}

/** On several engines: one run each. A drill that names engines runs on those, and they must be in the configuration. */
export function enginesFor(drill: Drill, engines: readonly Engine[], replay?: RunRecord): readonly Engine[] {
  if (replay !== undefined) {
    const same = engines.filter((engine) => engine.name === replay.engine.name);
    if (same.length === 0)
      throw new InvalidError('unknown_engine', `run ${replay.id} was on engine ${replay.engine.name}, which is not in the configuration`);
    return same;
  }
  const { engines: wanted } = drill.targets;
  const chosen = wanted === null ? engines : engines.filter((engine) => wanted.some((glob) => matchesGlob(glob, engine.name)));
  if (chosen.length === 0) {
    throw new InvalidError(
      'unknown_engine',
      `${drill.name} names the engine ${wanted?.join(', ')}; the configuration has ${engines.map((engine) => engine.name).join(', ')}`,
    );
  }
  return chosen;
}

function replayed(id: string, drills: readonly Drill[], record: RunRecord | null): RunRecord {
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
  exitCodes.failed,
  exitCodes.refused,
  exitCodes.inconclusive,
];

/** Several runs in one command: the first of 5, 7, 6, 70, 1, 4, 3 that occurred. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  return order.find((code) => codes.includes(code)) ?? exitCodes.ok;
}
