import { randomBytes } from 'node:crypto';
import type { ContainerInspect, CreateBody } from '../domain/engine.ts';
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

/** Creates a container, starts it, reads what its script answers until it ends, and removes it. Throws what the engine says when it cannot be made. */
export async function startOnce(shop: Workshop, request: OnceRequest): Promise<Once> {
  const { engine, signal } = shop;
  signal.throwIfAborted();
  // without a signal: a creation that is cut off may have happened, and then nobody knows its id
  const { id } = await engine.create(request.name, request.body);
  try {
    await request.onCreated?.(id);
    for (const network of request.networks ?? []) await engine.connect(network, id, {}, { signal });
    const streams = await engine.attach(id, { signal });
    try {
      await engine.start(id, { signal });
      const late = setTimeout(() => streams.close(), request.timeoutMs);
      const reading = read(streams.output);
      // read while it runs: networks and processes are gone afterwards
      const inspect = await engine.inspect(id, { signal });
      const lines = await reading;
      clearTimeout(late);
      signal.throwIfAborted();
      await request.onEnded?.(id);
      return { inspect, ...readAnswers(lines, request.steps, request.nonce) };
    } finally {
      streams.close();
    }
  } finally {
    await engine.remove(id, { force: true, anonymousVolumes: true });
  }
}

async function read(output: AsyncIterable<{ readonly line: string }>): Promise<string[]> {
  const lines: string[] = [];
  for await (const { line } of output) lines.push(line);
  return lines;
}
