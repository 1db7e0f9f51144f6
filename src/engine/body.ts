import type { IncomingMessage } from 'node:http';

/** The most that an answer may hold: `changes` of a container that unpacked a distribution is some 20 MB. */
const maxAnswer = 64 * 1024 * 1024;

/** Reads all of it. An answer that is cut is an error, never a short success. */
export async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswer) {
      response.destroy();
      throw new Error(`the answer is larger than ${maxAnswer / 1024 / 1024} MiB`);
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}
