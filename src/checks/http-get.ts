import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { socketError } from './socket-error.ts';

/**
 * One GET on a connection of its own (`agent: false`, so `Connection: close`). A kept connection would hide a restart: it lives on in
 * the process that is being stopped while new callers are refused, and once idle it is reset although the service answers.
 * Redirects are not followed: what the address itself answers is what counts. The body is read to its end, as a caller would.
 */
export function httpGet(url: string, status: number, lookup: LookupFunction, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => (signal.aborted ? reject(signal.reason as Error) : resolve(socketError(error)));
    const { get } = url.startsWith('https:') ? https : http;
    try {
      const request = get(url, { agent: false, lookup, signal, headers: { 'user-agent': 'pitwall' } }, (response) => {
        response.on('error', failed);
        response.on('end', () => resolve(response.statusCode === status ? null : `status ${response.statusCode}, expected ${status}`));
        response.resume();
      });
      request.on('error', failed);
    } catch (error) {
      // An address that is none is refused before anything is sent.
      failed(error);
    }
  });
}
