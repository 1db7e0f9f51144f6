import { request } from 'node:http';

/**
 * A request to a Docker Engine, over a unix socket or plain TCP. The path carries no version: the engine then answers with its newest.
 *
 * @param {string} host unix:///… or tcp://… (or http://…)
 * @param {string} method
 * @param {string} path
 * @param {object} [options]
 * @param {unknown} [options.body] sent as JSON, or as it is when it is a stream or a buffer
 * @param {string} [options.type] the content type of a stream or buffer (default: application/x-tar)
 * @param {number} [options.timeout] milliseconds without any progress (default: 30 000)
 * @returns {Promise<{ status: number, text: string, json: () => any }>}
 */
export function engineRequest(host, method, path, { body, type = 'application/x-tar', timeout = 30_000 } = {}) {
  return new Promise((resolve, reject) => {
    const raw = body && (typeof body.pipe === 'function' || Buffer.isBuffer(body));
    const headers = body === undefined ? {} : { 'content-type': raw ? type : 'application/json' };
    const outgoing = request({ ...address(host), method, path, headers, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode, text, json: () => JSON.parse(text) });
      });
    });
    outgoing.setTimeout(timeout, () => outgoing.destroy(new Error(`${method} ${path}: no answer from ${host} within ${timeout} ms`)));
    outgoing.on('error', reject);
    if (raw && typeof body.pipe === 'function') body.on('error', reject).pipe(outgoing);
    else outgoing.end(raw ? body : body === undefined ? undefined : JSON.stringify(body));
  });
}

/** As engineRequest, but an answer of 400 and above is an error with the engine's own message. */
export async function engineCall(host, method, path, options) {
  const answer = await engineRequest(host, method, path, options);
  if (answer.status < 400) return answer;
  throw new Error(`${method} ${path}: ${answer.status} ${messageOf(answer.text)}`);
}

/** Whether an engine answers there. */
export async function ping(host, timeout = 2_000) {
  try {
    const answer = await engineRequest(host, 'GET', '/_ping', { timeout });
    return answer.status === 200 && answer.text.trim() === 'OK';
  } catch {
    return false;
  }
}

function address(host) {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length), headers: { host: 'docker' } };
  const url = new URL(host.replace(/^tcp:/, 'http:'));
  return { hostname: url.hostname, port: url.port || 2375 };
}

function messageOf(text) {
  try {
    return JSON.parse(text).message ?? text;
  } catch {
    return text.trim();
  }
}
