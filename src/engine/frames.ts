export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

const headerLength = 8;

/**
 * Splits the engine's multiplexed stream (https://docs.docker.com/reference/api/engine/, "Stream format"): a header of 8 bytes, the
 * first the stream, the last four the length. A frame comes in as many parts as the socket gave; nothing is collected.
 */
export async function* frames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let header: Buffer = Buffer.alloc(0);
  let stream: Frame['stream'] = 'stdout';
  let left = 0;
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const part = chunk.subarray(at, at + headerLength - header.length);
        header = Buffer.concat([header, part]);
        at += part.length;
        if (header.length < headerLength) continue;
        stream = streamOf(header);
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
      } else {
        const data = chunk.subarray(at, at + left);
        at += data.length;
        left -= data.length;
        yield { stream, data };
      }
    }
  }
}

function streamOf(header: Buffer): Frame['stream'] {
  if (header[0] === 2) return 'stderr';
  if (header[0] === 0 || header[0] === 1) return 'stdout';
  throw new Error('the stream is not multiplexed as the engine said');
}
