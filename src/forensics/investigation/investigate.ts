import { formatDuration } from '../../domain/duration.ts';
import type { EngineInfo } from '../../domain/engine.ts';
import type { FreezeIo, FreezeRequest, FreezeResult } from '../../domain/evidence.ts';
import { formatSize } from '../../domain/size.ts';
import type { FrozenContainer } from '../freeze/freeze-set.ts';
import { judgeSeal } from '../freeze/judge-seal.ts';
import { readState } from '../freeze/reading.ts';
import type { Witness } from '../freeze/witness.ts';
import { witnessed } from '../freeze/witnessed.ts';
import type { FreezerDeps } from '../freezer-deps.ts';
import type { Held, HoldIo } from '../hold/io.ts';
import { isOrdinary, nullIfOrdinary } from '../ordinary.ts';
import { readFreezer } from '../proc/freezer.ts';
import { watchersOf } from '../watchers/watchers.ts';
import { type Disposed, dispose } from './dispose.ts';
import { finishCase } from './finish-case.ts';
import { type CaseWork, gather, readEnd } from './gather.ts';
import { heldOrNot, settled } from './settled.ts';
import { withoutEvidence } from './without-evidence.ts';

/**
 * Captures one frozen container, does with it what the disposition says as soon as its evidence is on the disk, and signs the evidence.
 * What the capture meets is its coverage; a disposition that fails leaves the container frozen and held.
 */
export async function investigate(
  one: FrozenContainer,
  request: FreezeRequest,
  io: FreezeIo,
  witness: Witness,
  deps: FreezerDeps,
): Promise<FreezeResult> {
  const { clock, store } = deps;
  const { stopped, name, evidenceId } = one;
  const info = await io.engine.info();
  const start = await readState(io.engine, one.before.Id, { clock, freezer: readFreezer }).catch(nullIfOrdinary);
  const held: Held = { evidenceId, containerId: one.before.Id, containerName: name, foreign: stopped.foreign };
  const holdIo: HoldIo = {
    engine: io.engine,
    clock,
    // what becomes of the container is not cut short by whoever ends the run
    signal: new AbortController().signal,
    runId: io.runId,
    store,
    journal: io.journal,
    helperImage: deps.helperImage,
  };
  let disposal: Promise<Disposed> | null = null;
  const disposed = () => {
    if (disposal === null) {
      // whoever finds it thawed after a crash knows by whom
      if (request.disposition === 'resume' && !stopped.foreign) one.change.step('thaw');
      disposal = dispose(held, request.disposition, stopped.verifiedAt, request.leaseMs, holdIo);
    }
    return disposal;
  };
  // what could thaw or remove it while it is held; asked once it is frozen, as nothing may come before that
  const warnings = request.disposition === 'resume' ? Promise.resolve([]) : warningsOf(one, io, info, deps);
  // told when it is awaited, far below: until then nobody listens
  warnings.catch(() => undefined);
  let work: CaseWork;
  try {
    work = await gather(one, request, io, info, deps, () => {
      // these leave it frozen, so the service need not wait for the rest of the capture
      if (request.disposition === 'replace' || request.disposition === 'quarantine') disposed().catch(() => undefined);
    });
  } catch (error) {
    if (!isOrdinary(error)) {
      await ended(disposal);
      throw error;
    }
    return withoutEvidence(one, request, io, deps, disposed, error);
  }
  const { writer, captured } = work;
  try {
    const end = await readEnd(one, request.memory, work, io, deps);
    const { events, watched } = await witnessed(witness, one, clock);
    const seal = judgeSeal(start === null ? null : { ...start, layer: captured.startLayer }, end, {
      events,
      blind: !watched,
      checkpointCpuNs: captured.checkpointCpuNs,
    });
    await writer.sync();
    const { result, failure } = await settled(disposed, one);
    if (result !== null && request.disposition === 'replace' && request.onceReplaced !== undefined)
      store.holds.update(evidenceId, { onExpiry: request.onceReplaced });
    const outcome = result?.outcome ?? heldOrNot(store.holds.get(evidenceId));
    io.event('disposition', name, failure === null ? outcome : `${outcome}: ${failure}`);
    const frozenTime = result?.resumedAt == null ? null : result.resumedAt - stopped.verifiedAt;
    const finished = await finishCase(
      { one, request, io, info, captured, seal, writer, frozenTime, outcome: result?.outcome ?? failure ?? '' },
      deps,
    );
    const timeToEvidence = clock.monotonic() - request.receivedAt;
    io.event(
      'evidence',
      name,
      `${evidenceId}: ${formatSize(finished.evidence.bytes)}, signed ${formatDuration(timeToEvidence)} after the request`,
    );
    return {
      evidence: finished.evidence,
      folder: writer.folder,
      timeToFreeze: stopped.verifiedAt - request.receivedAt,
      frozenTime,
      timeToEvidence,
      downtime: result?.downtime ?? null,
      coverage: finished.coverage,
      seal,
      outcome,
      notes: [...(await warnings), ...(result?.notes ?? []), ...finished.notes],
      failure,
    };
  } finally {
    await ended(disposal);
    await writer.close();
  }
}

/** Whoever settles the run's changes next must not meet one that is still being made. */
async function ended(disposal: Promise<unknown> | null): Promise<void> {
  await disposal?.catch(() => undefined);
}

async function warningsOf({ stopped }: FrozenContainer, io: FreezeIo, info: EngineInfo, { root }: FreezerDeps): Promise<string[]> {
  const found = await watchersOf(io.engine, stopped.inspect, { info, evidenceFolder: root }).catch(nullIfOrdinary);
  return (found ?? []).map(({ what, detail, hint }) => `${what}: ${detail} (${hint})`);
}
