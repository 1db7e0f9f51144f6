import { type ByteHelper, startByteHelper } from '../../container/helper-container.ts';
import type { Engine } from '../../domain/engine.ts';
import { FailedError } from '../../domain/errors.ts';
import type { EvidenceSink, SinkFile, StepResult } from '../../domain/evidence.ts';
import type { ProcessRef } from '../records.ts';
import { type Frame, frameReader, type Question } from './frames.ts';
import type { CollectRequest } from './request.ts';

export interface RemoteOptions {
  readonly containerId: string;
  readonly volumes: readonly string[];
  /** The container's AppArmor profile, as the engine names it; empty where there is none. */
  readonly appArmor: string;
  /** Reference of the helper image. */
  readonly image: string;
  readonly runId: string;
  readonly instance: string;
  /** UTC ms. */
  readonly now: number;
  readonly signal: AbortSignal;
}

export interface Remote extends AsyncDisposable {
  readonly processes: readonly ProcessRef[];
  run(request: CollectRequest, io: { readonly sink: EvidenceSink; readonly signal: AbortSignal }): Promise<StepResult>;
}

/**
 * ms that a helper lives by itself: longer than all the steps of a capture may take.
 */
const livesMs = 6 * 3_600_000;
const helperMemory = 256 << 20;
/** ms that a cancelled step has for saying so. */
const cancelMs = 5_000;

/**
 * To trace is to read memory and open files of processes (ptrace(2), "access mode checking"), to search is to read what belongs to others,
 * to own is to read it without touching its access time, and to restore is to follow `map_files`.
 */
const capabilities = ['SYS_PTRACE', 'DAC_READ_SEARCH', 'FOWNER'];

/** Reads from a helper container in the container's PID namespace. */
export async function openRemote(engine: Engine, options: RemoteOptions): Promise<Remote> {
  const { containerId, volumes, image, runId, instance, now, signal } = options;
  const helper = await startByteHelper(engine, {
    image,
    runId,
    instance,
    now,
    role: 'collect',
    work: { module: 'forensics/collect/agent.js' },
    expiresMs: livesMs,
    pidContainer: containerId,
    capAdd: [...capabilities, ...((await mayRestore(engine)) ? ['CHECKPOINT_RESTORE'] : [])],
    // the engine's own profile lets processes be read that are under it, and no others
    securityOpt: options.appArmor === '' || options.appArmor === 'docker-default' ? [] : ['apparmor=unconfined'],
    endsWithPitwall: true,
    memoryBytes: helperMemory,
  });
  const link = talkTo(helper);
  try {
    const first = await untilAborted(
      link.ask({ open: { containerId, volumes } }).then(() => link.next()),
      signal,
    );
    if (first.type !== 'ready') throw lost(`it began with ${first.type}`);
    const processes = parsed(first.bytes) as unknown as ProcessRef[];
    return { processes, run: runner(link, helper), [Symbol.asyncDispose]: () => helper.stop() };
  } catch (error) {
    await helper.stop().catch(() => undefined);
    throw error;
  }
}

/** Linux 5.9 knows the capability, and engines from 20.10 pass it on. */
async function mayRestore(engine: Engine): Promise<boolean> {
  const { kernel } = await engine.info();
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 9);
}

interface Link {
  ask(question: Question): Promise<void>;
  /** Throws when the helper has ended or sent what is no frame. */
  next(): Promise<Frame>;
}

function talkTo(helper: ByteHelper): Link {
  let complaint = '';
  async function* read(): AsyncGenerator<Frame> {
    const split = frameReader();
    for await (const { stream, data } of helper.output) {
      if (stream === 'stdout') yield* split(data);
      else complaint = (complaint + data.toString('latin1')).slice(-500);
    }
  }
  const frames = read();
  return {
    async ask(question) {
      helper.write(`${JSON.stringify(question)}\n`);
    },
    async next() {
      const { value, done } = await frames.next().catch((error: unknown) => {
        throw lost(error instanceof Error ? error.message : String(error));
      });
      if (done === true || value === undefined) throw lost(complaint === '' ? 'it ended' : `it ended: ${oneLine(complaint)}`);
      return value;
    },
  };
}

function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').trim();
}

function lost(why: string): FailedError {
  return new FailedError('collector_lost', `the helper that reads the container's state is lost: ${why}`);
}

/** After a failure of the helper itself every further step fails with it. */
function runner(link: Link, helper: ByteHelper): Remote['run'] {
  let broken: unknown = null;
  let settled: Promise<void> = Promise.resolve();
  return async (request, { sink, signal }) => {
    await untilAborted(settled, signal);
    if (broken !== null) throw broken;
    await link.ask({ run: request });
    const work = readAnswer(link, sink);
    const outcome = work.then(
      () => undefined,
      (error: unknown) => {
        if (!(error instanceof StepFailure)) broken = error;
      },
    );
    try {
      return await untilAborted(work, signal);
    } catch (error) {
      if (signal.aborted) {
        void link.ask({ cancel: true });
        // one that hangs in the kernel answers nothing: then the helper has to go
        const timer = setTimeout(() => {
          broken = lost('it did not end a step that was called off');
          void helper.stop().catch(() => undefined);
        }, cancelMs);
        settled = outcome.finally(() => clearTimeout(timer));
      }
      throw error instanceof Refusal ? error.error : error;
    }
  };
}

/** The step failed, the helper did not. */
class StepFailure extends FailedError {}

/** What the sink said: that is what is told. */
class Refusal extends StepFailure {
  readonly error: unknown;
  constructor(error: unknown) {
    super('collect_failed', messageOf(error));
    this.error = error;
  }
}

/** Reads to the end of the answer also when the sink takes nothing more, so that the next one can begin. */
async function readAnswer(link: Link, sink: EvidenceSink): Promise<StepResult> {
  let file: SinkFile | null = null;
  let refusal: { readonly error: unknown } | null = null;
  for (;;) {
    const { type, bytes } = await link.next();
    if (type === 'failure') {
      const { message } = parsed(bytes) as { message: string };
      throw refusal === null ? new StepFailure('collect_failed', message) : new Refusal(refusal.error);
    }
    if (type === 'result') {
      if (refusal !== null) throw new Refusal(refusal.error);
      return parsed(bytes) as unknown as StepResult;
    }
    if (refusal !== null) continue;
    try {
      if (type === 'file') {
        const { path, size } = announced(bytes);
        file = await sink.file(path, size);
      } else if (type === 'ready' || file === null) throw lost(`it sent ${type} where none belongs`);
      else if (type === 'data') await file.write(bytes);
      else {
        await file.close();
        file = null;
      }
    } catch (error) {
      if (error instanceof FailedError && error.code === 'collector_lost') throw error;
      refusal = { error };
      await link.ask({ cancel: true });
    }
  }
}

function parsed(bytes: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw lost('it sent what is no JSON');
}

function announced(bytes: Buffer): { path: string; size: number } {
  const { path, size } = parsed(bytes);
  const named = typeof path === 'string' && /^(checkpoint|cores|files)(\/[A-Za-z0-9_][A-Za-z0-9._-]*)+$/.test(path);
  if (!named || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw lost('it named a file that cannot be one of a case');
  return { path: path as string, size };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A promise that goes on unheard when the signal comes first. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
