import { instant } from '../domain/clock.ts';
import { formatDuration } from '../domain/duration.ts';
import type { EngineInfo } from '../domain/engine.ts';
import { DatabaseError, EngineError, PitwallError } from '../domain/errors.ts';
import {
  type CoverageItem,
  captureSteps,
  type FreezeIo,
  type FreezeRequest,
  type FreezeResult,
  type Hold,
  type Seal,
  type SealReading,
} from '../domain/evidence.ts';
import { formatSize } from '../domain/size.ts';
import { type Captured, capture, layerOf } from './capture/capture.ts';
import { checkpointMeta } from './capture/meta.ts';
import { type CaseWriter, openCase } from './case/writer.ts';
import { type Collector, openCollector } from './collect/collector.ts';
import { type Disposed, dispose } from './dispose.ts';
import { finishCase } from './finish-case.ts';
import type { FrozenContainer } from './freeze/freeze-set.ts';
import { judgeSeal } from './freeze/judge-seal.ts';
import { readState } from './freeze/reading.ts';
import type { Witness } from './freeze/witness.ts';
import { witnessed } from './freeze/witnessed.ts';
import type { FreezerDeps } from './freezer.ts';
import type { Held, HoldIo } from './hold/io.ts';
import { readFreezer } from './proc/freezer.ts';
import { watchersOf } from './watchers/watchers.ts';

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
  const start = await readState(io.engine, one.before.Id, { clock, freezer: readFreezer }).catch(unlessDatabase);
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
    if (error instanceof DatabaseError || !(error instanceof PitwallError)) {
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

/** What a helper leaves is swept: it is no reason to lose what it has read. */
async function closed(collector: Collector | null): Promise<void> {
  try {
    await collector?.[Symbol.asyncDispose]();
  } catch (error) {
    unlessDatabase(error);
  }
}

async function warningsOf({ stopped }: FrozenContainer, io: FreezeIo, info: EngineInfo, { root }: FreezerDeps): Promise<string[]> {
  const found = await watchersOf(io.engine, stopped.inspect, { info, evidenceFolder: root }).catch(unlessDatabase);
  return (found ?? []).map(({ what, detail, hint }) => `${what}: ${detail} (${hint})`);
}

interface CaseWork {
  readonly writer: CaseWriter;
  readonly captured: Captured;
  readonly collector: Collector | null;
}

async function gather(
  one: FrozenContainer,
  request: FreezeRequest,
  io: FreezeIo,
  info: EngineInfo,
  deps: FreezerDeps,
  onNetworkKnown: () => void,
): Promise<CaseWork> {
  const { clock } = deps;
  const writer = await openCase({
    root: deps.root,
    id: one.evidenceId,
    signer: await deps.signer(),
    clock,
    handler: { who: io.actor, host: deps.host.name, boot: deps.host.bootId, zone: deps.host.zone },
  });
  let collector: Collector | string = 'it was not opened';
  try {
    writer.custody.add({
      what: one.stopped.foreign ? 'found frozen by somebody else' : 'frozen',
      data: {
        container: one.before.Id,
        name: one.name,
        engine: io.engine.name,
        run: io.runId,
        at: instant(one.stopped.at),
        reason: request.reason,
      },
    });
    if (request.alert !== null) await writer.json('files/alert.json', request.alert);
    collector = await openCollector(io.engine, one.stopped.inspect, {
      clock,
      helper: () => deps.helperImage(io.engine),
      runId: io.runId,
      instance: deps.store.instanceId,
      signal: io.signal,
      ...(deps.collectVia === undefined ? {} : { force: deps.collectVia }),
    }).catch((error: unknown) => {
      if (error instanceof DatabaseError || !(error instanceof PitwallError)) throw error;
      return error.message;
    });
    const captured = await capture({
      engine: io.engine,
      info,
      clock,
      signal: io.signal,
      evidenceId: one.evidenceId,
      memory: request.memory,
      volumes: request.volumes,
      inspect: one.stopped.inspect,
      collector,
      writer,
      onStep: (item) => told(item, one, io, writer),
      onNetworkKnown,
      // durable at once: an image of a case that is salvaged can be opened, too
      onCommitted: (committedImage) => deps.store.evidence.update(one.evidenceId, { committedImage }),
    });
    return { writer, captured, collector: typeof collector === 'string' ? null : collector };
  } catch (error) {
    if (typeof collector !== 'string') await closed(collector);
    await writer.close();
    throw error;
  }
}

function told(item: CoverageItem, one: FrozenContainer, io: FreezeIo, writer: CaseWriter): void {
  if (item.state === 'not-asked') return;
  const { step, state, bytes, ms, reason } = item;
  const text = state === 'captured' ? `${formatSize(bytes)} in ${formatDuration(ms)}` : (reason ?? '');
  io.event('captured', one.name, `${step}: ${state}${text === '' ? '' : `, ${text}`}`);
  writer.custody.add({ what: `${step}: ${state}`, data: { bytes, ms, ...(reason === null ? {} : { reason }) } });
}

async function readEnd(
  one: FrozenContainer,
  memory: FreezeRequest['memory'],
  { writer, collector }: CaseWork,
  io: FreezeIo,
  deps: FreezerDeps,
): Promise<SealReading | null> {
  try {
    const changes = await io.engine.changes(one.before.Id).catch(unlessDatabase);
    const layer = await layerOf(collector ?? '', changes, memory, writer, io.signal);
    await writer.finishCheckpoint(checkpointMeta(one.before, instant(one.stopped.at), false)).catch(unlessDatabase);
    const state = await readState(io.engine, one.before.Id, { clock: deps.clock, freezer: readFreezer }).catch(unlessDatabase);
    return state === null ? null : { ...state, layer };
  } finally {
    await closed(collector);
  }
}

async function settled(
  disposed: () => Promise<Disposed>,
  one: FrozenContainer,
): Promise<{ readonly result: Disposed | null; readonly failure: string | null; readonly thawed: boolean }> {
  try {
    return { result: await disposed(), failure: null, thawed: false };
  } catch (error) {
    if (error instanceof DatabaseError || !(error instanceof PitwallError)) throw error;
    if (error instanceof EngineError && error.lost) throw error;
    const failure = error.message.startsWith(one.name) ? error.message : `${one.name}: ${error.message}`;
    return { result: null, failure, thawed: error.code === 'not_frozen' || error.code === 'gone' };
  }
}

/** What a disposition that failed has left. */
function heldOrNot(hold: Hold | null): string {
  return hold === null || hold.state === 'released' ? (hold?.ending ?? 'not held') : 'frozen, and held';
}

/** Nothing could be written: the disk is full, the key is not ours. The container is dealt with all the same, and it is said. */
async function withoutEvidence(
  one: FrozenContainer,
  request: FreezeRequest,
  io: FreezeIo,
  deps: FreezerDeps,
  disposed: () => Promise<Disposed>,
  error: PitwallError,
): Promise<FreezeResult> {
  const { store, clock } = deps;
  const { result, failure } = await settled(disposed, one);
  one.change.close('done', result?.outcome ?? failure ?? '');
  store.evidence.update(one.evidenceId, { state: 'partial', coverage: 0, sealedAt: clock.now(), seal: 'unknown' });
  io.event('evidence', one.name, `there is none: ${error.message}`);
  const evidence = store.evidence.get(one.evidenceId);
  if (evidence === null) throw new Error(`case ${one.evidenceId} is not in the database that it was written to`);
  const missing = captureSteps.map(
    (step): CoverageItem => ({ step, state: 'missing', reason: error.message, share: 0, bytes: 0, startedAt: instant(clock.now()), ms: 0 }),
  );
  const seal: Seal = {
    state: 'unknown',
    reasons: ['no evidence could be written'],
    start: null,
    end: null,
    checkpointCpuNs: null,
    events: [],
  };
  return {
    evidence,
    folder: '',
    timeToFreeze: one.stopped.verifiedAt - request.receivedAt,
    frozenTime: result?.resumedAt == null ? null : result.resumedAt - one.stopped.verifiedAt,
    timeToEvidence: clock.monotonic() - request.receivedAt,
    downtime: result?.downtime ?? null,
    coverage: missing,
    seal,
    outcome: result?.outcome ?? heldOrNot(store.holds.get(one.evidenceId)),
    notes: result?.notes ?? [],
    failure: failure ?? `no evidence of ${one.name} could be written: ${error.message}`,
  };
}

/** A proof less, not the end of the capture; without the database, though, nothing is sure. */
function unlessDatabase(error: unknown): null {
  if (error instanceof DatabaseError || !(error instanceof PitwallError)) throw error;
  return null;
}
