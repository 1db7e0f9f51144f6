import type { Engine } from '../domain/engine.ts';
import { EngineError, type ExitCode, exitCodes } from '../domain/errors.ts';
import type { RunRecord } from '../domain/words.ts';
import type { RunnerDeps } from './deps.ts';
import { type LeaseDeps, settleLeases } from './leases.ts';
import { reconcileRun, unsettled } from './reconcile.ts';

export interface Recovery {
  /** A sentence for each thing that was put right. */
  readonly done: readonly string[];
  /** What is still left, with what to do. */
  readonly residue: readonly string[];
  /** What somebody should look at: leases that are over, seals that were broken. */
  readonly notices: readonly string[];
  /** Engines that could not be asked. */
  readonly unreachable: readonly string[];
  readonly exitCode: ExitCode;
}

type RecoverDeps = Pick<RunnerDeps, 'sweep'> & LeaseDeps;

/**
 * Settles what processes that are gone left behind: undoes or finishes their open changes, ends their runs, frees their locks, sweeps
 * their helpers, and does what leases say whose time is over. Every start does it, and `pitwall recover`. Doing it twice changes nothing.
 */
export async function recover(
  engines: readonly Engine[],
  deps: RecoverDeps,
  options: { readonly allInstances?: boolean } = {},
): Promise<Recovery> {
  const done: string[] = [];
  const residue: string[] = [];
  const unreachable = new Set<string>();
  for (const record of orphans(deps)) {
    // two processes that recover at once would undo each other's undo
    if (!deps.store.recoveries.claim(record.id, deps.processId)) continue;
    try {
      const now = deps.store.runs.record(record.id);
      const still = now !== null && (now.endedAt === null || unsettled(deps.store, record.id).length > 0);
      if (still) residue.push(...(await settle(now, engines, unreachable, done, deps)));
    } finally {
      deps.store.recoveries.release(record.id);
    }
  }
  for (const engine of engines) {
    try {
      const swept = await deps.sweep(engine, { isEnded: (runId) => hasEnded(runId, deps), allInstances: options.allInstances === true });
      done.push(...swept.removed);
      residue.push(...swept.failed);
    } catch (error) {
      // an engine that is away is no reason to fail: what is on it has its own expiry, and the next start sweeps again
      if (!(error instanceof EngineError)) throw error;
      unreachable.add(engine.name);
    }
  }
  const leases = await settleLeases(engines, deps, { watch: true });
  done.push(...leases.done);
  const exitCode = unreachable.size > 0 ? exitCodes.engine : residue.length > 0 ? exitCodes.residue : exitCodes.ok;
  return { done, residue, notices: leases.notices, unreachable: [...unreachable], exitCode };
}

/** Whether a process that is gone left a run open. Residue that could not be settled waits for `pitwall recover`. */
export function hasOrphans({ store }: Pick<RunnerDeps, 'store'>): boolean {
  return store.runs.unended().some((run) => !store.processes.isAlive(run.processId));
}

/** Asked when the thing was seen: a run's row is there before anything is made for it. One that was forgotten has ended. */
function hasEnded(runId: string, { store }: Pick<RunnerDeps, 'store'>): boolean {
  const record = store.runs.record(runId);
  return record === null || record.endedAt !== null;
}

/** Runs that have no living process and are not ended, and ended ones that left something unsettled; newest first. */
function orphans({ store }: Pick<RunnerDeps, 'store'>): RunRecord[] {
  const unended = store.runs.unended();
  const living = new Set(unended.filter((run) => store.processes.isAlive(run.processId)).map((run) => run.id));
  const ids = new Set([...unended.map((run) => run.id), ...unsettled(store).map((change) => change.runId)].filter((id) => !living.has(id)));
  return [...ids]
    .sort()
    .reverse()
    .flatMap((id) => store.runs.record(id) ?? []);
}

async function settle(
  record: RunRecord,
  engines: readonly Engine[],
  unreachable: Set<string>,
  done: string[],
  deps: RecoverDeps,
): Promise<readonly string[]> {
  const { store } = deps;
  const changes = unsettled(store, record.id);
  if (changes.length > 0) {
    const engine = await engineOf(record, engines, unreachable);
    if (typeof engine === 'string') {
      return [
        `run ${record.id}: engine ${record.engine.name} ${engine}, so ${changes.map((change) => change.target).join(', ')} could not be put back yet`,
      ];
    }
    const left = await reconcileRun(record.id, engine, {
      ...deps,
      onChange: (change, note) => {
        store.events.add(record.id, 'undo', change.target, note);
        done.push(`run ${record.id}: ${change.target}: ${note}`);
      },
    });
    end(record, left, done, deps);
    return left;
  }
  end(record, [], done, deps);
  return [];
}

/** The verdict of a run whose process is gone; one that has its verdict only gets its residue put right. */
function end(record: RunRecord, left: readonly string[], done: string[], { store }: RecoverDeps): void {
  store.locks.release(record.id);
  if (record.verdict !== null) {
    store.runs.setResidue(record.id, left);
    return;
  }
  store.events.add(
    record.id,
    'recovered',
    null,
    left.length === 0 ? 'its process was gone; what it had begun is settled' : left.join('; '),
  );
  store.runs.end(record.id, {
    verdict: 'aborted',
    reason: 'the process that ran it ended without a verdict; what it had begun was settled afterwards',
    exitCode: left.length === 0 ? exitCodes.refused : exitCodes.residue,
    residue: left,
  });
  done.push(`run ${record.id} (${record.drill ?? record.kind}) was ended: its process is gone`);
}

/**
 * The daemon that the run was on, whatever it is called by now; a different one behind the same name must not have our undo done to it.
 * A sentence's end when it cannot be had.
 */
async function engineOf(record: RunRecord, engines: readonly Engine[], unreachable: Set<string>): Promise<Engine | string> {
  let problem = 'is not in the configuration any more';
  const same: Engine[] = [];
  for (const engine of engines) {
    try {
      const { id } = await engine.info();
      if (id === record.engine.id) same.push(engine);
      else if (engine.name === record.engine.name) problem = `is another one now (${id}, it was ${record.engine.id})`;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      unreachable.add(engine.name);
      if (engine.name === record.engine.name) problem = `does not answer (${error.message})`;
    }
  }
  // cloned machines share their id: then only the name tells, and without it nothing does
  const named = same.find((engine) => engine.name === record.engine.name);
  if (named !== undefined) return named;
  if (same.length > 1) return `is one of ${same.map((engine) => engine.name).join(', ')}, which have the same id`;
  return same[0] ?? problem;
}
