import type { Socket } from 'node:net';
import { securityHeaders } from './security-headers.ts';

/** What is not even a request: no hook and no route sees it, so the answer is written by hand, and the connection ends. */
export function onBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message] = answers[error.code ?? ''] ?? ['400 Bad Request', 'bad_request', 'the request cannot be understood'];
  const body = JSON.stringify({ error: { code, message, hint: null } });
  const headers = Object.entries({
    ...securityHeaders,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

const answers: Readonly<Partial<Record<string, readonly [status: string, code: string, message: string]>>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'request_timeout', 'the request took too long to come in'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'headers_too_large', 'the headers or the path are too long'],
};
