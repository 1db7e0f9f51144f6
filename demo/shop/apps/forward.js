import { randomUUID } from 'node:crypto';
import { callReplica } from './replicas.js';
import { bodyOf, serve } from './serve.js';

/**
 * A service that passes every request on to a replica of the next one; `/alive` tells of itself alone.
 * @param {string} next name:port
 * @param {number} timeout milliseconds for one attempt
 */
export function forwardTo(next, timeout) {
  serve(async (request) => {
    if (request.url === '/alive') return { status: 200, body: { alive: true } };
    const body = request.method === 'POST' ? await bodyOf(request) : undefined;
    const id = request.headers['x-request-id'] ?? randomUUID();
    try {
      const { status, text } = await callReplica(next, { method: request.method, path: request.url, id, body, timeout });
      return { status, body: JSON.parse(text) };
    } catch (error) {
      return { status: 502, body: { error: error.message } };
    }
  });
}
