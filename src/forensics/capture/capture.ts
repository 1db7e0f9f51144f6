import type { Clock } from '../../domain/clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { FileChange } from '../../domain/engine/files.ts';
import type { Engine, EngineInfo } from '../../domain/engine.ts';
import { type CaptureStep, type CoverageItem, captureSteps, type MemoryMode, type SealReading } from '../../domain/evidence.ts';
import type { Json } from '../../domain/journal.ts';
import type { CaseWriter } from '../case/writer.ts';
import type { Collector } from '../collect/collector.ts';
import type { CollectRequest } from '../collect/request.ts';
import { cpuTime } from '../freeze/reading.ts';
import { type Taken, takeCheckpoint, whyNoCheckpoint } from './checkpoint.ts';
import { captureDisk, changesJson } from './disk.ts';
import { sizeLimits, stepLimits } from './limits.ts';
import { logText } from './logs.ts';
import { requireRoom } from './room.ts';
import { captureStep, notAsked, type StepWork } from './step.ts';
import { captureVolumes } from './volumes.ts';

export interface CaptureOptions {
  readonly engine: Engine;
  readonly info: EngineInfo;
  readonly clock: Clock;
  /** The run's. */
  readonly signal: AbortSignal;
  readonly evidenceId: string;
  readonly memory: MemoryMode;
  readonly volumes: boolean;
  /** As it was read back, frozen. */
  readonly inspect: ContainerInspect;
  /** Why there is none, where it could not be started. */
  readonly collector: Collector | string;
  readonly writer: CaseWriter;
  onStep(item: CoverageItem): void;
  /** Told once its connections are on record: from then on it may be cut off from its networks. */
  onNetworkKnown(): void;
  /** Told the id of the committed image as soon as the engine has it. */
  onCommitted(imageId: string): void;
}

export interface Captured {
  readonly coverage: readonly CoverageItem[];
  /** Id of the committed image; null when that failed. */
  readonly imageId: string | null;
  readonly changes: readonly FileChange[] | null;
  /** CRIU's checkpoint, still in the engine's folder. */
  readonly checkpoint: Taken | null;
  /** CPU time that passed in the container while CRIU worked, ns. */
  readonly checkpointCpuNs: number | null;
  readonly startLayer: SealReading['layer'];
  readonly memory: Json;
}

/**
 * Everything that is captured while the container is frozen, the most volatile first (RFC 3227, 2.1): its memory alone, then what the
 * kernel knows of it beside what the engine knows. A step that fails leaves the others alone.
 */
export async function capture(options: CaptureOptions): Promise<Captured> {
  const { engine, info, clock, signal, inspect, collector, writer } = options;
  const items = new Map<CaptureStep, CoverageItem>();
  const found: {
    imageId: string | null;
    changes: readonly FileChange[] | null;
    checkpoint: Taken | null;
    checkpointCpuNs: number | null;
    startLayer: SealReading['layer'];
    memory: Json;
  } = {
    imageId: null,
    changes: null,
    checkpoint: null,
    checkpointCpuNs: null,
    startLayer: null,
    memory: null,
  };
  const note = (item: CoverageItem) => {
    items.set(item.step, item);
    options.onStep(item);
  };
  const step = async (name: CaptureStep, work: StepWork) =>
    note(await captureStep(name, work, { clock, signal, limitMs: stepLimits[name] }));
  const collected = (name: CaptureStep, request: CollectRequest, keep?: (value: Json) => void) =>
    step(name, async (limit) => {
      if (typeof collector === 'string') throw new Error(collector);
      const result = await collector.run(request, writer, limit);
      keep?.(result.value);
      return result;
    });

  if (options.memory === 'off') note(notAsked('memory', 'left out on request', clock));
  else await collected('memory', { step: 'memory' }, (value) => (found.memory = value));
  const changes = engine.changes(inspect.Id, { signal, timeoutMs: stepLimits.disk }).then(
    (list) => (found.changes = list),
    () => null,
  );
  const criu = async () => {
    if (options.memory !== 'full') return note(notAsked('checkpoint', 'a CRIU checkpoint is taken with memory: full', clock));
    await step('checkpoint', async (limit) => {
      const reason = whyNoCheckpoint(engine, info);
      if (reason !== null) throw new Error(reason);
      const before = await cpuTime(engine, inspect.Id);
      try {
        const taken = await takeCheckpoint(engine, inspect.Id, info, limit);
        found.checkpoint = taken;
        return { state: 'captured', reason: null, share: 1, bytes: taken.bytes };
      } finally {
        // also of one that fails half-way: CRIU's code ran in the processes all the same
        const now = await cpuTime(engine, inspect.Id);
        found.checkpointCpuNs = before === null || now === null ? null : now - before;
      }
    });
  };

  const kernel = async () => {
    await collected('processes', { step: 'processes' });
    await collected('network', { step: 'network' });
    // CRIU attaches itself to the processes and writes down their networks; to files it is nothing
    await Promise.all([criu().then(options.onNetworkKnown), files()]);
  };
  const files = async () => {
    await collected('executables', { step: 'executables' });
    await collected('deleted-files', { step: 'deleted-files', maxBytes: sizeLimits.deletedFiles });
    await collected('tmpfs', { step: 'tmpfs', maxBytes: sizeLimits.tmpfs });
    found.startLayer = await layerOf(collector, await changes, options.memory, writer, signal);
  };
  const daemon = async () => {
    await step('disk', async (limit) => {
      await writer.json('files/inspect.json', inspect);
      const list = await changes;
      if (list !== null) await writer.json('files/changes.json', changesJson(list));
      await requireRoom(engine, inspect.Id, info, limit);
      const disk = await captureDisk(engine, inspect, options.evidenceId, limit);
      found.imageId = disk;
      options.onCommitted(disk);
      if (list === null) throw new Error('the engine did not list the changed files');
      const size = await engine.inspectImage(disk, { signal: limit }).then(
        (image) => image.Size,
        () => 0,
      );
      return { state: 'captured', reason: null, share: 1, bytes: size };
    });
    await step('logs', async (limit) => {
      const written = await writer.stream('files/logs.txt', logText(engine, inspect.Id, limit), { maxBytes: sizeLimits.logs });
      return {
        state: written.cut ? 'partial' : 'captured',
        reason: written.cut ? 'the log is longer than what is kept' : null,
        share: written.cut ? 0.5 : 1,
        bytes: written.bytes,
      };
    });
    await step('image', async (limit) => {
      const [image, history] = await Promise.all([
        engine.inspectImage(inspect.Image, { signal: limit }),
        engine.imageHistory(inspect.Image, { signal: limit }),
      ]);
      const { bytes } = await writer.json('files/image.json', { image, history });
      return { state: 'captured', reason: null, share: 1, bytes };
    });
    if (options.volumes) await step('volumes', (limit) => captureVolumes(engine, inspect, writer, limit));
    else note(notAsked('volumes', 'volumes are captured when asked for (--volumes)', clock));
  };
  await Promise.all([kernel(), daemon()]);
  return { ...found, coverage: captureSteps.flatMap((name) => items.get(name) ?? []) };
}

/** CRIU makes a folder here and removes it again while it dumps a tmpfs (`open_mountpoint` in criu/mount.c). */
const touchedByCriu = ['/tmp'];

/** The writable layer at this moment, for the seal; null when it could not be read. */
export async function layerOf(
  collector: Collector | string,
  changes: readonly FileChange[] | null,
  memory: MemoryMode,
  writer: CaseWriter,
  signal: AbortSignal,
): Promise<SealReading['layer']> {
  if (typeof collector === 'string' || changes === null || signal.aborted) return null;
  // the engine lists the same changes in another order each time
  const paths = changes.flatMap(({ path, kind }) => (kind === 'deleted' ? [] : [path])).toSorted();
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(stepLimits.tmpfs)]);
    const { value } = await collector.run(
      { step: 'layer', paths, untimed: memory === 'full' ? touchedByCriu : [], maxBytes: sizeLimits.layer },
      writer,
      limit,
    );
    return value as unknown as SealReading['layer'];
  } catch {
    return null;
  }
}
