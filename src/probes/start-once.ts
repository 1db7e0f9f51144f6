import { randomBytes } from 'node:crypto';
import type { ContainerInspect, CreateBody } from '../domain/engine/containers.ts';
import type { AttachedStreams } from '../domain/engine/streams.ts';
import { readAnswers, type ScriptAnswers, type ScriptStep } from './script.ts';
import type { Workshop } from './tools.ts';

export interface OnceRequest {
  readonly name: string;
  readonly body: CreateBody;
  /** Networks that it joins beside that of the body; before Engine 25 only one could be named there. */
  readonly networks?: readonly string[];
  readonly steps: readonly ScriptStep[];
  readonly nonce: string;
  /** ms from its start until it is given up. */
  readonly timeoutMs: number;
  /** Before it is started, and when it has ended but is still there. */
  onCreated?(id: string): Promise<void>;
  onEnded?(id: string): Promise<void>;
}

export interface Once extends ScriptAnswers {
  /** As it ran. */
  readonly inspect: ContainerInspect;
}

export function newNonce(): string {
  return randomBytes(8).toString('hex');
}

/** One that runs; `close` removes it, whatever it does. */
export interface Opened {
  readonly id: string;
  /** As it ran. */
  readonly inspect: ContainerInspect;
  /** What it prints, until it ends or is given up. To be read once. */
  readonly lines: AsyncIterable<string>;
  close(): Promise<void>;
}

/** Creates a container and starts it. Throws what the engine says when it cannot be made; nothing of it is then left. */
export async function openOnce(shop: Workshop, request: OnceRequest): Promise<Opened> {
  const { engine, signal } = shop;
  signal.throwIfAborted();
  // without a signal: a creation that is cut off may have happened, and then nobody knows its id
  const { id } = await engine.create(request.name, request.body);
  let streams: AttachedStreams | null = null;
  let late: NodeJS.Timeout | undefined;
  const close = async () => {
    clearTimeout(late);
    streams?.close();
    await engine.remove(id, { force: true, anonymousVolumes: true });
  };
  try {
    for (const network of request.networks ?? []) await engine.connect(network, id, {}, { signal });
    await request.onCreated?.(id);
    const attached = await engine.attach(id, { signal });
    streams = attached;
    await engine.start(id, { signal });
    late = setTimeout(() => attached.close(), request.timeoutMs);
    // while it runs: networks and processes are gone afterwards
    return { id, inspect: await engine.inspect(id, { signal }), lines: linesOf(attached), close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

/** Reads what its script answers until it ends, and removes it. */
export async function startOnce(shop: Workshop, request: OnceRequest): Promise<Once> {
  const opened = await openOnce(shop, request);
  try {
    const lines: string[] = [];
    for await (const line of opened.lines) lines.push(line);
    shop.signal.throwIfAborted();
    await request.onEnded?.(opened.id);
    return { inspect: opened.inspect, ...readAnswers(lines, request.steps, request.nonce) };
  } finally {
    await opened.close();
  }
}

async function* linesOf({ output }: AttachedStreams): AsyncGenerator<string> {
  for await (const { line } of output) yield line;
}
