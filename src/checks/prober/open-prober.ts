import { type ByteHelper, startByteHelper } from '../../container/helper-container.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Engine } from '../../domain/engine.ts';
import { InconclusiveError } from '../../domain/errors.ts';
import type { Command, CommandAnswer, Door, Prober, Sample, Series, SeriesSpec } from './contract.ts';
import { helperClock } from './helper-clock.ts';
import { talkTo } from './helper-talk.ts';
import type { Said } from './lines.ts';
import { type SeriesStore, seriesStore } from './series-store.ts';

export interface ProberScope {
  readonly engine: Engine;
  readonly clock: Clock;
  /** The helper image, made when first asked for. */
  helperImage(): Promise<{ readonly reference: string }>;
  readonly runId: string;
  /** The database's id. */
  readonly instance: string;
  /** Cuts off the opening alone: what is put back after an abort may need its prober. */
  readonly signal: AbortSignal;
}

const lifeMs = 6 * 3_600_000;
const startMs = 20_000;
const trips = 10;
/** How often it is asked whether it is there, and after what silence it is taken for dead. */
const pulseMs = 1_000;
const silentMs = 5_000;
/** How much later than an attempt's own time-out its answer may come. */
const marginMs = 3_000;
const commandMs = 10_000;

/** As for other helpers: glibc would wait 5 s for each DNS server, twice. Logins compute their proofs in the pool's threads. */
const env = ['RES_OPTIONS=timeout:1 attempts:2', 'UV_THREADPOOL_SIZE=8'];

const gone = 'prober-ended';

/**
 * A prober in the network of a running container. Throws `EngineError`, or `InconclusiveError` (`prober`) when its helper does not come to listen; nothing is
 * left of it then.
 */
export async function openProber(container: { readonly id: string; readonly name: string }, scope: ProberScope): Promise<Prober> {
  const { engine, clock, signal, runId, instance } = scope;
  signal.throwIfAborted();
  const { reference: image } = await scope.helperImage();
  const helper = await startByteHelper(engine, {
    image,
    runId,
    instance,
    role: 'prober',
    work: { module: 'checks/prober/prober-main.js' },
    networkContainer: container.id,
    expiresMs: lifeMs,
    now: clock.now(),
    endsWithPitwall: true,
    env,
  });
  const prober = proberOf(helper, container.name, clock);
  try {
    await prober.opened(signal);
    return prober;
  } catch (error) {
    await prober.close();
    throw error;
  }
}

function proberOf(helper: ByteHelper, where: string, clock: Clock): Prober & { opened(signal: AbortSignal): Promise<void> } {
  const theirs = helperClock();
  const closing = new AbortController();
  const series = new Map<number, { readonly store: SeriesStore; readonly over: () => void }>();
  const waiting = new Map<number, (said: Said | null) => void>();
  let asked = 0;
  let closed: Promise<void> | null = null;
  let heardAt = clock.monotonic();
  let listening: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    listening = resolve;
  });
  const talk = talkTo(helper, heard, ended);

  return {
    where,
    get uncertaintyMs() {
      return theirs.uncertainty();
    },
    async opened(signal) {
      const started = await within(ready, startMs, signal);
      for (let i = 0; i < trips && started !== null; i++) await within(trip(), silentMs, signal);
      signal.throwIfAborted();
      if (theirs.offset() === null || talk.ended()) {
        throw new InconclusiveError('prober', `no prober came to listen in the network of ${where}`, {
          hint: 'look at the engine: docker ps --all --filter label=pitwall.role=prober',
        });
      }
      pulse().catch(() => undefined);
    },
    start,
    async once(spec) {
      const begun = clock.monotonic();
      const id = asked++;
      const store = seriesStore();
      series.set(id, { store, over: () => waiting.get(id)?.(null) });
      const answered = reply(id);
      talk.tell({ do: 'once', id, door: spec.door, secret: spec.secret.reveal(), mode: spec.mode, timeoutMs: spec.timeoutMs });
      await within(answered, spec.timeoutMs + marginMs);
      series.delete(id);
      waiting.delete(id);
      return store.samples()[0] ?? unanswered(begun);
    },
    command,
    alive: () => !talk.ended() && clock.monotonic() - heardAt < silentMs,
    close,
    [Symbol.asyncDispose]: close,
  };

  function start(spec: SeriesSpec): Series {
    const id = asked++;
    const store = seriesStore();
    const { door, secret, mode, everyMs, timeoutMs } = spec;
    const over = new Promise<void>((resolve) => {
      if (talk.ended()) resolve();
      else series.set(id, { store, over: resolve });
    });
    talk.tell({ do: 'start', id, door, secret: secret.reveal(), mode, everyMs, timeoutMs });
    return {
      spec,
      samples: () => store.samples(),
      async stop() {
        talk.tell({ do: 'stop', id });
        await within(over, timeoutMs + marginMs);
        series.delete(id);
      },
    };
  }

  async function command(
    door: Door,
    secret: SeriesSpec['secret'],
    commands: readonly Command[],
    { timeoutMs = commandMs }: { readonly timeoutMs?: number } = {},
  ): Promise<CommandAnswer[]> {
    const id = asked++;
    const answered = reply(id);
    talk.tell({ do: 'command', id, door, secret: secret.reveal(), commands, timeoutMs });
    const said = await within(answered, timeoutMs + marginMs);
    waiting.delete(id);
    return said !== null && 'answers' in said ? [...said.answers] : [{ ok: false, answer: 'unknown', code: gone }];
  }

  function close(): Promise<void> {
    closing.abort();
    // it takes leave of the servers, where it still can
    closed ??= helper.stop({ graceSeconds: 1 }).catch(() => helper.stop());
    return closed;
  }

  function heard(said: Said): void {
    heardAt = clock.monotonic();
    if ('ready' in said) listening();
    else if ('samples' in said) {
      for (const line of said.samples) {
        series.get(line[0])?.store.add(line, theirs.offset() ?? Number.NaN);
        waiting.get(line[0])?.(said);
      }
    } else if ('over' in said) series.get(said.over)?.over();
    else waiting.get(said.of)?.(said);
  }

  function ended(): void {
    listening();
    for (const one of series.values()) one.over();
    for (const answer of waiting.values()) answer(null);
  }

  /** Null when the helper ends first. */
  function reply(id: number): Promise<Said | null> {
    return new Promise((resolve) => {
      if (talk.ended()) resolve(null);
      else waiting.set(id, resolve);
    });
  }

  async function trip(): Promise<true> {
    const id = asked++;
    const answered = reply(id);
    const sent = clock.monotonic();
    talk.tell({ do: 'time', id });
    const said = await answered;
    waiting.delete(id);
    if (said !== null && 'time' in said) theirs.trip(sent, said.time, clock.monotonic());
    return true;
  }

  async function pulse(): Promise<void> {
    while (!talk.ended()) {
      await clock.sleep(pulseMs, closing.signal);
      await within(trip(), silentMs);
    }
  }

  function unanswered(begun: number): Sample {
    return { dueAt: begun, startedAt: begun, endedAt: clock.monotonic(), answer: 'unknown', code: gone };
  }

  /** Null when it takes longer, or when the signal aborts. */
  async function within<T>(answer: Promise<T>, ms: number, signal?: AbortSignal): Promise<T | null> {
    const alarm = new AbortController();
    const abort = () => alarm.abort();
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) alarm.abort();
    const late = clock.sleep(ms, alarm.signal).then(
      () => null,
      () => null,
    );
    try {
      return await Promise.race([answer, late]);
    } finally {
      alarm.abort();
      signal?.removeEventListener('abort', abort);
    }
  }
}
