import type { Agent, IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';

/** Sent as it is, or opened anew for each sending. */
export type Body = Buffer | { readonly size: number; open(): Readable; onSent(bytes: number): void };

export interface Sending {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body | undefined;
  /** ms without a byte in either direction. */
  readonly idleMs: number;
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

/** ms that an end which says nothing to `Expect: 100-continue` is given, as with curl. */
const patience = 1000;

/**
 * Sends one request; resolves with the head of the answer. The time limit holds for its body as well, which the caller reads to its end or
 * destroys. A local file that cannot be read is an error of its own: it rejects with what the disk says. A stream is
 * sent once the other end has said that it wants it: who refuses in the middle of gigabytes and hangs up is not heard.
 */
export function send({ method, url, headers, body, idleMs, agent, signal }: Sending): Promise<IncomingMessage> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const length = body === undefined ? (method === 'GET' || method === 'HEAD' ? undefined : 0) : 'size' in body ? body.size : body.length;
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method,
      agent,
      signal,
      timeout: idleMs,
      headers: {
        'User-Agent': 'pitwall',
        ...headers,
        ...(length === undefined ? {} : { 'Content-Length': String(length) }),
        ...(body !== undefined && !Buffer.isBuffer(body) ? { Expect: '100-continue' } : {}),
      },
    });
    request.on('timeout', () => request.destroy(new Error(`nothing came over the connection for ${Math.round(idleMs / 100) / 10} s`)));
    request.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    request.on('response', resolve);
    if (body === undefined || Buffer.isBuffer(body)) {
      request.end(body);
      return;
    }
    const source = body.open();
    source.once('error', (error) => {
      reject(error);
      request.destroy();
    });
    request.once('close', () => source.destroy());
    // Not `pipeline`, which would cut the answer with the body: a refusal may come before all is sent, and says why.
    const begin = () => {
      if (!source.destroyed) source.on('data', (chunk: Buffer) => body.onSent(chunk.length)).pipe(request);
    };
    const unasked = setTimeout(begin, patience);
    request.once('continue', () => {
      clearTimeout(unasked);
      begin();
    });
    request.once('response', (response) => {
      clearTimeout(unasked);
      if ((response.statusCode ?? 0) < 300) return;
      source.unpipe(request);
      source.destroy();
    });
    request.once('close', () => clearTimeout(unasked));
    request.flushHeaders();
  });
}
