import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import type { Change, Reconciled } from '../../domain/journal.ts';
import type { Target } from '../../domain/target.ts';
import { type Drift, drift } from '../drift.ts';
import { healthcheckLimitMs } from '../healthy.ts';
import { inspectIfThere } from '../look.ts';
import { asData } from './change.ts';
import type { Recreated, RecreateIo, RecreateOptions } from './io.ts';
import { prepare } from './prepare.ts';
import { settle } from './settle.ts';
import { Walk } from './walk.ts';

/**
 * Makes each container of a unit again from its image, in steps that are journalled before they are taken; the old and the new one never
 * run at the same time. Whatever goes wrong before the new ones are healthy, the old ones are put back, and then it throws: `FailedError`,
 * the signal's reason, or the engine's error when that is lost; the change then stays open for the handler. Owners of namespaces come
 * first in `unit`.
 */
export async function recreate(unit: readonly Target[], options: RecreateOptions, io: RecreateIo): Promise<Recreated[]> {
  const prepared = await prepare(unit, options, io);
  for (const one of prepared) io.onDrift?.(one.target, await driftOf(one.before, io));
  io.signal.throwIfAborted();
  const names = unit.map((target) => target.name).join(', ');
  const change = io.journal.open({ kind: 'recreate', target: names, data: asData(prepared.map((one) => one.member)) });
  const walk = new Walk(prepared, change, options, io);
  try {
    await walk.all();
  } catch (error) {
    if (error instanceof EngineError && error.lost) throw error;
    const settled = await settleNow(walk, io);
    tryClose(change, settled);
    io.onSettled?.(settled);
    if (settled.state !== 'done') throw failure(names, error, settled, io.signal);
    return walk.results();
  }
  change.close('done');
  return walk.results();
}

async function driftOf(inspect: ContainerInspect, io: RecreateIo): Promise<Drift | null> {
  try {
    return await drift(io.engine, inspect, { signal: io.signal });
  } catch (error) {
    // knowing less is no reason to let the container live on; an engine that is lost is noticed by the next call
    if (error instanceof EngineError) return null;
    throw error;
  }
}

/** With a deadline of its own and never the run's signal: an undo is not interrupted. */
async function settleNow(walk: Walk, io: RecreateIo): Promise<Reconciled> {
  const olds = await Promise.all(walk.members.map((member) => inspectIfThere(io.engine, member.id)));
  const health = Math.max(0, ...olds.map((old) => (old?.State.Health === undefined ? 0 : healthcheckLimitMs(old))));
  const stops = walk.members.reduce((sum, member) => sum + 2 * member.stopMs, 0);
  const signal = AbortSignal.timeout(60_000 + stops + health);
  return settle(walk.members, walk.at, { engine: io.engine, clock: io.clock, signal, inFlight: false });
}

/** A journal that cannot be written keeps the change open; what went wrong first is what is reported. */
function tryClose(change: Change, settled: Reconciled): void {
  try {
    change.close(settled.state, settled.state === 'residue' ? settled.residue.join('; ') : settled.note);
  } catch {
    return;
  }
}

function failure(names: string, error: unknown, settled: Reconciled, signal: AbortSignal): unknown {
  if (signal.aborted && error === signal.reason) return error;
  if (!(error instanceof FailedError) && !(error instanceof EngineError)) return error;
  const what = error instanceof FailedError ? error.message : `${names}: ${error.message}`;
  const then = settled.state === 'residue' ? settled.residue.join('; ') : settled.note;
  const code = error instanceof FailedError ? error.code : 'recreate_failed';
  return new FailedError(code, `${what}; ${then}`, { cause: error, hint: error.hint, context: { settled: settled.state } });
}
