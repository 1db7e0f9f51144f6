import { Readable } from 'node:stream';
import type { LogLine } from '../../domain/engine/streams.ts';
import type { Engine } from '../../domain/engine.ts';

/** The whole log, a line each: instant, stream, text. In its own order; what the log driver does not keep is not there. */
export function logText(engine: Engine, id: string, signal: AbortSignal): Readable {
  return Readable.from(lines(engine.logs(id, { signal })), { objectMode: false });
}

async function* lines(log: AsyncIterable<LogLine>): AsyncGenerator<Buffer> {
  let waiting: string[] = [];
  let length = 0;
  for await (const { at, stream, line } of log) {
    const text = `${at ?? '-'} ${stream} ${line}\n`;
    waiting.push(text);
    length += text.length;
    if (length < 65_536) continue;
    yield Buffer.from(waiting.join(''));
    waiting = [];
    length = 0;
  }
  yield Buffer.from(waiting.join(''));
}
