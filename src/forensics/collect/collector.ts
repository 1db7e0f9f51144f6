import type { Clock } from '../../domain/clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { FailedError } from '../../domain/errors.ts';
import type { EvidenceSink, StepResult } from '../../domain/evidence.ts';
import type { ProcessRef } from '../records.ts';
import { openLocal, readableHere } from './local.ts';
import { openRemote, untilAborted } from './remote.ts';
import type { CollectRequest, StepIo } from './request.ts';
import { settledSink } from './settled-sink.ts';

export { readFreezer } from '../proc/freezer.ts';
export type { CollectRequest } from './request.ts';

/** Reads the volatile state of one container, to be frozen before. Changes nothing in it. */
export interface Collector extends AsyncDisposable {
  /** From this process, or from a helper container in the container's PID namespace. */
  readonly via: 'proc' | 'helper';
  /** Those that there were when it was opened. */
  readonly processes: readonly ProcessRef[];
  /**
   * One step at a time; see each step's function for its files and its value. Rejects with the signal's reason when that comes first, with
   * FailedError `collector_lost` when the helper is lost. A file that was half written then is filled up with zeros, and the message says so.
   */
  run(step: CollectRequest, sink: EvidenceSink, signal: AbortSignal): Promise<StepResult>;
}

export interface CollectorDeps {
  readonly clock: Clock;
  /** Reference of the helper image, when one is needed. */
  readonly helper: () => Promise<string>;
  readonly runId: string;
  readonly instance: string;
  readonly signal: AbortSignal;
  /** (Default: `proc` where the container's processes are this host's and may be read, otherwise `helper`.) */
  readonly force?: 'proc' | 'helper' | undefined;
}

/** @throws FailedError `collector_unreadable` when `proc` is forced and cannot be. */
export async function openCollector(engine: Engine, inspect: ContainerInspect, deps: CollectorDeps): Promise<Collector> {
  const { force, signal, clock, runId, instance } = deps;
  const volumes = inspect.Mounts.filter(({ Type }) => Type !== 'tmpfs').map(({ Destination }) => Destination);
  const via = force ?? (readableHere(inspect) ? 'proc' : 'helper');
  if (via === 'proc') {
    if (!readableHere(inspect)) {
      throw new FailedError('collector_unreadable', `the processes of ${inspect.Name.slice(1)} cannot be read from here`);
    }
    return collector(via, { ...openLocal(inspect.Id, volumes), [Symbol.asyncDispose]: async () => {} });
  }
  const image = await untilAborted(deps.helper(), signal);
  const { AppArmorProfile: appArmor = '' } = inspect as { readonly AppArmorProfile?: string };
  const options = { containerId: inspect.Id, volumes, appArmor, image, runId, instance, now: clock.now(), signal };
  return collector(via, await openRemote(engine, options));
}

interface Reader extends AsyncDisposable {
  readonly processes: readonly ProcessRef[];
  run(step: CollectRequest, io: StepIo): Promise<StepResult>;
}

function collector(via: Collector['via'], reader: Reader): Collector {
  return {
    via,
    processes: reader.processes,
    async run(step, sink, signal) {
      signal.throwIfAborted();
      const settled = settledSink(sink);
      try {
        const result = await untilAborted(reader.run(step, { sink: settled, signal }), signal);
        if (settled.half() !== null) throw new FailedError('collect_failed', 'it ended in the middle of a file');
        return result;
      } catch (error) {
        // a sink that cannot take the zeros either, as of a full disk, has said why before
        const half = await settled.settle().catch(() => null);
        throw half === null || signal.aborted ? error : withHalf(error, half);
      }
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

function withHalf(error: unknown, { path, from }: { readonly path: string; readonly from: number }): FailedError {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof FailedError ? error.code : 'collect_failed';
  return new FailedError(code, `${message}; ${path} is zeros from byte ${from} on`, { cause: error });
}
