import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Call } from './call.ts';
import type { EngineClient } from './client.ts';
import { answerError } from './failures.ts';
import { watched } from './heartbeat.ts';

/** The most that an engine's complaint at the end of a stream is looked for in, bytes. */
const tail = 4096;

/**
 * The body of an answer as a stream that tells the truth: it fails when the connection is lost, when the engine goes silent and no longer
 * answers, with the signal's reason when aborted, and when the engine, having said 200, ends it with an error in JSON. To be read to its
 * end or destroyed.
 */
export function bodyStream(client: EngineClient, call: Call, response: IncomingMessage, signal?: AbortSignal): Readable {
  const stream = Readable.from(read(client, call, response, signal), { objectMode: false });
  // A generator that waits for a chunk does not hear that nobody wants it any more.
  stream.once('close', () => response.destroy());
  return stream;
}

async function* read(client: EngineClient, call: Call, response: IncomingMessage, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const abort = () => response.destroy(new Error('aborted'));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    if (isAborted(signal)) abort();
    // The end is held back: what looks like the rest of a tar may be a complaint.
    let held: Buffer = Buffer.alloc(0);
    for await (const chunk of watched(client, response)) {
      if (held.length >= tail) {
        yield held;
        held = chunk;
      } else {
        held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      }
    }
    const complaint = complaintIn(held);
    if (complaint !== null) throw answerError(client.attempt(call), 500, complaint);
    if (held.length > 0) yield held;
  } catch (cause) {
    if (isAborted(signal)) throw signal?.reason;
    throw client.lost(call, cause);
  } finally {
    signal?.removeEventListener('abort', abort);
    response.destroy();
  }
}

/** Asked through a function: the compiler takes a signal that was not aborted for one that never will be. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** `{"message":…}` or `{"errorDetail":{"message":…}}` as the last line. A tar ends with zeros. */
function complaintIn(end: Buffer): string | null {
  const found = /\{"(?:errorDetail|error|message)":.*\}\s*$/s.exec(end.subarray(-tail).toString());
  if (found === null) return null;
  try {
    const said = JSON.parse(found[0]) as { message?: unknown; error?: unknown; errorDetail?: { message?: unknown } };
    return JSON.stringify({ message: String(said.message ?? said.errorDetail?.message ?? said.error) });
  } catch {
    return null;
  }
}
