import { type Helper, startHelper } from '../../container/helper-container.ts';
import type { RunContext } from '../../domain/kind.ts';
import type { Params } from './params.ts';
import type { Answer, HeldConnection, Listening, Own, Request, Said, Spot } from './reach-lines.ts';

/** A helper inside one network namespace. */
export interface Vantage {
  readonly own: Own;
  /** What it has no answer for is missing; empty when it ended before. */
  connect(spots: readonly Spot[], options: { readonly hold: boolean }): Promise<readonly Answer[]>;
  /** Until `heard` is asked; what does not begin with `prefix` is not heard. */
  listen(ports: readonly number[], prefix: string): Promise<Listening>;
  send(spots: readonly (Spot & { readonly token: string })[]): Promise<readonly Answer[]>;
  heard(): Promise<readonly string[]>;
  held(): Promise<readonly HeldConnection[]>;
  close(): Promise<void>;
}

/** One attempt's time; there is a second one where no answer came. */
const timeoutMs = 1_000;
/** Beyond what is held: the longest that a run should take. */
const lifeMs = 180_000;
/** The answers of many connections come at once. */
const memoryBytes = 256 * 1024 * 1024;

type Scope = Pick<RunContext<Params>, 'engine' | 'clock' | 'runId' | 'instance' | 'helperImage' | 'signal' | 'params'>;

/** Null when the helper ended before it said what it sees. Rejects when it cannot be started; nothing is left of it then. */
export async function openVantage(where: { readonly container: string } | 'host', scope: Scope): Promise<Vantage | null> {
  const { engine, clock, runId, instance, params, signal } = scope;
  const { reference: image } = await scope.helperImage();
  signal.throwIfAborted();
  const helper = await startHelper(engine, {
    image,
    runId,
    instance,
    role: 'segmentation',
    work: { module: 'drills/segmentation/reach.js' },
    ...(where === 'host' ? { hostNetwork: true } : { networkContainer: where.container }),
    expiresMs: lifeMs + params.held,
    now: clock.now(),
    endsWithPitwall: true,
    memoryBytes,
  });
  const talk = converse(helper);
  const cut = () => talk.end();
  signal.addEventListener('abort', cut, { once: true });
  const close = async () => {
    signal.removeEventListener('abort', cut);
    await helper.stop();
  };
  const own = await talk.own;
  if (own === null) {
    await close();
    return null;
  }
  const ask = (request: Ask) => talk.ask(request);
  return {
    own,
    connect: async (targets, { hold }) => (await ask({ do: 'connect', timeoutMs, hold, targets })).answers,
    listen: async (ports, prefix) => (await ask({ do: 'listen', ports, prefix })).done?.listening ?? {},
    send: async (targets) => (await ask({ do: 'send', targets })).answers,
    heard: async () => (await ask({ do: 'heard' })).done?.heard ?? [],
    held: async () => (await ask({ do: 'held' })).done?.held ?? [],
    close,
  };
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
type Ask = WithoutId<Request>;
type Done = Extract<Said, { done: number }>;

interface Reply {
  readonly answers: readonly Answer[];
  /** Null: it ended before. */
  readonly done: Done | null;
}

/** Questions may be asked side by side. */
function converse(helper: Pick<Helper, 'output' | 'write'>) {
  const waiting = new Map<number, (reply: Reply) => void>();
  const answers = new Map<number, Answer[]>();
  let asked = 0;
  let ended = false;
  let tell: (own: Own | null) => void = () => undefined;
  const own = new Promise<Own | null>((resolve) => {
    tell = resolve;
  });
  read().catch(end);
  return {
    own,
    end,
    ask: (request: Ask): Promise<Reply> =>
      new Promise((resolve) => {
        if (ended) return resolve({ answers: [], done: null });
        const id = asked++;
        waiting.set(id, resolve);
        answers.set(id, []);
        helper.write(`${JSON.stringify({ ...request, id })}\n`);
      }),
  };

  async function read(): Promise<void> {
    for await (const { stream, line } of helper.output) if (stream === 'stdout') take(parsed(line));
    end();
  }

  function take(said: Said | null): void {
    if (said === null) return;
    if ('own' in said) tell(said.own);
    else if ('answer' in said) answers.get(said.of)?.push(said.answer);
    else {
      waiting.get(said.done)?.({ answers: answers.get(said.done) ?? [], done: said });
      waiting.delete(said.done);
    }
  }

  function end(): void {
    ended = true;
    tell(null);
    for (const [id, resolve] of waiting) resolve({ answers: answers.get(id) ?? [], done: null });
    waiting.clear();
  }
}

/** What else a helper's runtime may print is no answer. */
function parsed(line: string): Said | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Said) : null;
  } catch {
    return null;
  }
}
