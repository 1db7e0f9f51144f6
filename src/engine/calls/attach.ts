import type { Duplex } from 'node:stream';
import type { CallOptions } from '../../domain/engine/call.ts';
import type { LogLine } from '../../domain/engine/streams.ts';
import type { Engine } from '../../domain/engine.ts';
import type { Call } from '../call.ts';
import type { EngineClient } from '../client.ts';
import { type Frame, frames } from '../frames.ts';
import { lineSplitter } from '../lines.ts';
import { segment } from '../path.ts';

/** https://docs.docker.com/reference/api/engine/, "Attach to a container". */
export function attachment(client: EngineClient): Pick<Engine, 'attach' | 'attachBytes'> {
  const open = async (id: string, options: CallOptions): Promise<Duplex> => {
    const call: Call = {
      method: 'POST',
      path: `/containers/${segment(id)}/attach`,
      query: { stream: true, stdin: true, stdout: true, stderr: true },
      action: `attach to container ${client.names.of(id)}`,
      object: id,
    };
    const stream = await client.upgrade(call, options);
    // Told by the end of `output`; a write to a stream that is gone must not end the process.
    stream.on('error', () => {});
    const end = () => stream.destroy();
    options.signal?.addEventListener('abort', end, { once: true });
    stream.once('close', () => options.signal?.removeEventListener('abort', end));
    return stream;
  };
  const handle = (stream: Duplex) => ({
    write(bytes: string | Uint8Array) {
      if (stream.writable) stream.write(bytes);
    },
    end: () => void stream.end(),
    close: () => void stream.destroy(),
  });
  return {
    async attach(id, options = {}) {
      const stream = await open(id, options);
      return { output: lines(stream), ...handle(stream) };
    },
    async attachBytes(id, options = {}) {
      const stream = await open(id, options);
      return { output: options.terminal === true ? unframed(stream) : frames(stream), ...handle(stream) };
    },
  };
}

/** With a terminal both streams come as one, without frames. */
async function* unframed(stream: Duplex): AsyncGenerator<Frame> {
  for await (const data of stream) yield { stream: 'stdout', data: data as Buffer };
}

/** Ends with the stream, however that ends: the container's state says why, not this. */
async function* lines(stream: Duplex): AsyncGenerator<LogLine> {
  const splitters = { stdout: lineSplitter(), stderr: lineSplitter() };
  try {
    for await (const { stream: name, data } of frames(stream)) {
      for (const line of splitters[name].push(data)) yield { stream: name, at: null, line };
    }
  } catch {
    // Cut: what came is all there is.
  } finally {
    stream.destroy();
  }
  for (const name of ['stdout', 'stderr'] as const) {
    const rest = splitters[name].rest();
    if (rest !== null) yield { stream: name, at: null, line: rest };
  }
}
