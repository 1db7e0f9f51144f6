import { startByteHelper } from '../../../../container/helper-container.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import type { SystemScope } from '../../system.ts';
import { type AnswerLine, type AskLine, readyLine } from './ask.ts';
import type { HttpAnswer, HttpRequest } from './http-request.ts';

/** A helper in the network of a container, from which requests are made one after the other. */
export interface Asker {
  readonly container: string;
  /** When that container had been started: with another start its network is another. */
  readonly startedAt: string;
  /** Null when the helper gave no answer: it has ended, or hangs. */
  ask(request: HttpRequest, timeoutMs: number, signal: AbortSignal): Promise<HttpAnswer | null>;
  close(): Promise<void>;
}

type AskerScope = Pick<SystemScope, 'engine' | 'clock' | 'runId' | 'instance' | 'helperImage'>;

const lifeMs = 3_600_000;
const startMs = 15_000;
/** How much later than the request's own time-out its answer may come. */
const marginMs = 1_000;

/** Null when the helper did not come to listen; nothing is left of it then. */
export async function openAsker(beside: ContainerInspect, scope: AskerScope): Promise<Asker | null> {
  const { engine, clock, runId, instance } = scope;
  const { reference: image } = await scope.helperImage();
  // Its output holds secrets, and the engine keeps none of a byte helper's.
  const helper = await startByteHelper(engine, {
    image,
    runId,
    instance,
    role: 'step',
    work: { module: 'drills/secret-rotation/systems/steps/ask.js' },
    networkContainer: beside.Id,
    expiresMs: lifeMs,
    now: clock.now(),
    endsWithPitwall: true,
  });
  const waiting = new Map<number, (answer: HttpAnswer | null) => void>();
  let asked = 0;
  let ended = false;
  let listens: (ready: true | null) => void = () => undefined;
  const ready = new Promise<true | null>((resolve) => {
    listens = resolve;
  });
  read().then(finish, finish);

  if ((await within(ready, startMs)) !== true) {
    await helper.stop();
    return null;
  }
  return {
    container: beside.Id,
    startedAt: beside.State.StartedAt,
    ask(request, timeoutMs, signal) {
      const line: AskLine = { id: asked++, timeoutMs, ...request };
      const answer = new Promise<HttpAnswer | null>((resolve) => {
        if (ended) return resolve(null);
        waiting.set(line.id, resolve);
        helper.write(`${JSON.stringify(line)}\n`);
      });
      return within(answer, timeoutMs + marginMs, signal).finally(() => waiting.delete(line.id));
    },
    close: () => helper.stop(),
  };

  async function read(): Promise<void> {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const { stream, data } of helper.output) {
      if (stream === 'stderr') continue;
      const lines = (rest + decoder.decode(data, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === readyLine) listens(true);
        else answered(line);
      }
    }
  }

  function answered(line: string): void {
    const { id, ...answer } = JSON.parse(line) as AnswerLine;
    waiting.get(id)?.(answer);
  }

  function finish(): void {
    ended = true;
    listens(null);
    for (const answer of waiting.values()) answer(null);
  }

  /** Null when it takes longer; rejects with the signal's reason. */
  async function within<T>(answer: Promise<T>, ms: number, signal?: AbortSignal): Promise<T | null> {
    signal?.throwIfAborted();
    const alarm = new AbortController();
    const late = clock.sleep(ms, alarm.signal).then(
      () => null,
      () => null,
    );
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: alarm.signal });
    });
    try {
      return await Promise.race([answer, late, aborted]);
    } finally {
      alarm.abort();
    }
  }
}
