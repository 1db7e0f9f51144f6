import { instant } from '../../domain/clock.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { EngineInfo } from '../../domain/engine.ts';
import type { CoverageItem, FreezeIo, FreezeRequest, SealReading } from '../../domain/evidence.ts';
import { formatSize } from '../../domain/size.ts';
import { type Captured, capture, layerOf } from '../capture/capture.ts';
import { checkpointMeta } from '../capture/meta.ts';
import { type CaseWriter, openCase } from '../case/writer.ts';
import { type Collector, openCollector } from '../collect/collector.ts';
import type { FrozenContainer } from '../freeze/freeze-set.ts';
import { readState } from '../freeze/reading.ts';
import type { FreezerDeps } from '../freezer-deps.ts';
import { isOrdinary, nullIfOrdinary } from '../ordinary.ts';
import { readFreezer } from '../proc/freezer.ts';

export interface CaseWork {
  readonly writer: CaseWriter;
  readonly captured: Captured;
  readonly collector: Collector | null;
}

/** Opens the case of a frozen container and captures what can be had of it. Whoever asks closes the writer. */
export async function gather(
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
      if (!isOrdinary(error)) throw error;
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

/** The last look at it, for the seal: what its files and processes are at the end. */
export async function readEnd(
  one: FrozenContainer,
  memory: FreezeRequest['memory'],
  { writer, collector }: CaseWork,
  io: FreezeIo,
  deps: FreezerDeps,
): Promise<SealReading | null> {
  try {
    const changes = await io.engine.changes(one.before.Id).catch(nullIfOrdinary);
    const layer = await layerOf(collector ?? '', changes, memory, writer, io.signal);
    await writer.finishCheckpoint(checkpointMeta(one.before, instant(one.stopped.at), false)).catch(nullIfOrdinary);
    const state = await readState(io.engine, one.before.Id, { clock: deps.clock, freezer: readFreezer }).catch(nullIfOrdinary);
    return state === null ? null : { ...state, layer };
  } finally {
    await closed(collector);
  }
}

function told(item: CoverageItem, one: FrozenContainer, io: FreezeIo, writer: CaseWriter): void {
  if (item.state === 'not-asked') return;
  const { step, state, bytes, ms, reason } = item;
  const text = state === 'captured' ? `${formatSize(bytes)} in ${formatDuration(ms)}` : (reason ?? '');
  io.event('captured', one.name, `${step}: ${state}${text === '' ? '' : `, ${text}`}`);
  writer.custody.add({ what: `${step}: ${state}`, data: { bytes, ms, ...(reason === null ? {} : { reason }) } });
}

/** What a helper leaves is swept: it is no reason to lose what it has read. */
async function closed(collector: Collector | null): Promise<void> {
  try {
    await collector?.[Symbol.asyncDispose]();
  } catch (error) {
    if (!isOrdinary(error)) throw error;
  }
}
