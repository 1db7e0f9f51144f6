/** One request, here or in a helper. Leans on Node alone. */
import http from 'node:http';
import https from 'node:https';

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Of the answer's body that is kept. */
  readonly maxBytes: number;
}

export type HttpAnswer =
  | { readonly status: number; readonly body: string; readonly truncated: boolean }
  /** Node's code, `ECONNREFUSED`; null when it says none. Its message may hold values. */
  | { readonly failed: string | null };

/** On a connection of its own; redirects are not followed. Never rejects. */
export function httpRequest(asked: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const failed = (error: unknown) => resolve({ failed: codeOf(error) });
    const { request } = asked.url.startsWith('https:') ? https : http;
    const body = asked.body === null ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(asked.body)) };
    try {
      const headers = { 'user-agent': 'pitwall', ...body, ...asked.headers };
      const sent = request(asked.url, { method: asked.method, agent: false, signal, headers }, (response) => {
        const kept: Buffer[] = [];
        let bytes = 0;
        response.on('error', failed);
        response.on('data', (data: Buffer) => {
          const room = asked.maxBytes - bytes;
          if (room > 0) kept.push(data.subarray(0, room));
          bytes += data.length;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(kept).toString(), truncated: bytes > asked.maxBytes }),
        );
      });
      sent.on('error', failed);
      sent.end(asked.body ?? undefined);
    } catch (error) {
      failed(error);
    }
  });
}

function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? code : null;
}
