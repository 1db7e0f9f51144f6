import type { CollectRequest } from './request.ts';

/**
 * What a helper answers on its standard output: frames of a type (one byte), a length (four bytes, big endian) and that many bytes. It is
 * asked by lines of JSON on its standard input (`Question`). Every answer to a request ends with `result` or `failure`.
 */
export const frameTypes = { ready: 1, file: 2, data: 3, close: 4, result: 5, failure: 6 } as const;
export type FrameType = keyof typeof frameTypes;

export type Question =
  | { readonly open: { readonly containerId: string; readonly volumes: readonly string[] } }
  | { readonly run: CollectRequest }
  /** The step under way; it is answered by its failure. */
  | { readonly cancel: true };

export const frameHead = 5;
/** Data comes in smaller pieces; a result is bounded by the names and sentences in it. */
const longest = 64 << 20;

export function encodeHead(type: FrameType, length: number): Buffer {
  const head = Buffer.allocUnsafe(frameHead);
  head.writeUInt8(frameTypes[type], 0);
  head.writeUInt32BE(length, 1);
  return head;
}

/** A whole frame, except of `data`: those come in as many parts as the stream gave. */
export interface Frame {
  readonly type: FrameType;
  readonly bytes: Buffer;
}

/** Takes a stream apart. Throws when it is no such stream. */
export function frameReader(): (chunk: Buffer) => Generator<Frame> {
  let head: Buffer = Buffer.alloc(0);
  let body: { type: FrameType; left: number; parts: Buffer[] } | null = null;
  return function* read(chunk) {
    let at = 0;
    while (at < chunk.length || (body !== null && body.left === 0)) {
      if (body === null) {
        const part = chunk.subarray(at, at + frameHead - head.length);
        head = Buffer.concat([head, part]);
        at += part.length;
        if (head.length < frameHead) return;
        body = { type: typeOf(head[0] ?? 0), left: lengthOf(head), parts: [] };
        head = Buffer.alloc(0);
        continue;
      }
      const part = chunk.subarray(at, at + body.left);
      at += part.length;
      body.left -= part.length;
      if (body.type !== 'data') body.parts.push(Buffer.from(part));
      else if (part.length > 0) yield { type: 'data', bytes: part };
      if (body.left > 0) continue;
      const { type, parts } = body;
      body = null;
      if (type !== 'data') yield { type, bytes: Buffer.concat(parts) };
    }
  };
}

function typeOf(code: number): FrameType {
  const found = Object.entries(frameTypes).find(([, known]) => known === code)?.[0];
  if (found === undefined) throw new Error(`it sent a frame of the unknown type ${code}`);
  return found as FrameType;
}

function lengthOf(head: Buffer): number {
  const length = head.readUInt32BE(1);
  if (length > longest) throw new Error(`it sent a frame of ${length} bytes`);
  return length;
}
