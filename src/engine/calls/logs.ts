import type { IncomingMessage } from 'node:http';
import type { LogLine } from '../../domain/engine/streams.ts';
import type { Engine } from '../../domain/engine.ts';
import type { Call } from '../call.ts';
import type { EngineClient } from '../client.ts';
import { type Frame, frames } from '../frames.ts';
import { watched } from '../heartbeat.ts';
import { lineSplitter } from '../lines.ts';
import { segment } from '../path.ts';
import { compareVersions } from '../version.ts';
import { inspectCall } from './inspect.ts';
import { seconds } from './since.ts';

type LogOptions = NonNullable<Parameters<Engine['logs']>[1]>;

export function logs(client: EngineClient): Pick<Engine, 'logs'> {
  return { logs: (id, options = {}) => read(client, id, options) };
}

async function* read(client: EngineClient, id: string, options: LogOptions): AsyncGenerator<LogLine> {
  const { signal } = options;
  if (stopped(signal)) return;
  const call: Call = {
    method: 'GET',
    path: `/containers/${segment(id)}/logs`,
    query: {
      stdout: true,
      stderr: true,
      timestamps: true,
      follow: options.follow === true,
      tail: options.tail,
      since: options.since === undefined ? undefined : seconds(options.since),
    },
    action: `read the log of container ${client.names.of(id)}`,
    object: id,
  };
  let response: IncomingMessage | null = null;
  const end = () => response?.destroy();
  signal?.addEventListener('abort', end, { once: true });
  try {
    const [opened, raw] = await Promise.all([client.open(call, { signal }), isOlder(client).then((older) => older && hasTty(client, id))]);
    response = opened;
    const chunks = watched(client, response);
    const tty = raw || response.headers['content-type'] === 'application/vnd.docker.raw-stream';
    yield* linesOf(tty ? unframed(chunks) : frames(chunks));
  } catch (cause) {
    if (stopped(signal)) return;
    throw client.lost(call, cause);
  } finally {
    signal?.removeEventListener('abort', end);
    response?.destroy();
  }
}

/** Asked through a function: the compiler takes a signal that was not aborted for one that never will be. */
function stopped(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** From API 1.42 on the answer says itself whether it is multiplexed. */
async function isOlder(client: EngineClient): Promise<boolean> {
  return compareVersions((await client.version()).spoken, '1.42') < 0;
}

async function hasTty(client: EngineClient, id: string): Promise<boolean> {
  return (await client.json<{ Config: { Tty: boolean } }>(inspectCall(client, id))).Config.Tty;
}

async function* unframed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  for await (const data of chunks) yield { stream: 'stdout', data };
}

async function* linesOf(parts: AsyncIterable<Frame>): AsyncGenerator<LogLine> {
  const splitters = { stdout: lineSplitter(), stderr: lineSplitter() };
  for await (const { stream, data } of parts) {
    for (const line of splitters[stream].push(data)) yield toLine(stream, line);
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const rest = splitters[stream].rest();
    if (rest !== null) yield toLine(stream, rest);
  }
}

function toLine(stream: LogLine['stream'], text: string): LogLine {
  const stamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:\d\d)) ?/.exec(text);
  return stamp?.[1] === undefined ? { stream, at: null, line: text } : { stream, at: stamp[1], line: text.slice(stamp[0].length) };
}
