import { lookup } from 'node:dns/promises';
import { request } from 'node:http';

/**
 * Sends a request to one of a service's replicas, and once more to another when the first cannot be reached, goes away in the middle
 * or answers with 502 or 503. The name is resolved for each request, so a replica that is replaced is found at once. The request
 * carries an id, so that one that arrives twice is done once.
 *
 * @param {string} service name:port
 * @param {{ method: string, path: string, id: string, body?: string, timeout?: number }} call
 * @returns {Promise<{ status: number, text: string }>}
 */
export async function callReplica(service, { method, path, id, body, timeout = 3_000 }) {
  const [name, port] = service.split(':');
  const addresses = shuffle((await lookup(name, { all: true, family: 4 })).map((one) => one.address));
  let failure = new Error(`${name} has no replica`);
  // With a single replica the second attempt goes to the same one, which may be back.
  for (const address of [addresses[0], addresses[1] ?? addresses[0]]) {
    try {
      const answer = await call({ address, port, method, path, id, body, timeout });
      if (answer.status !== 502 && answer.status !== 503) return answer;
      failure = new Error(`${name} answered ${answer.status}`);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function call({ address, port, method, path, id, body, timeout }) {
  return new Promise((resolve, reject) => {
    const headers = { 'x-request-id': id, ...(body ? { 'content-type': 'application/json' } : {}) };
    const outgoing = request({ host: address, port, method, path, agent: false, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', reject);
    });
    // An address whose container is being removed answers nothing at all.
    outgoing.setTimeout(timeout, () => outgoing.destroy(new Error(`${address} did not answer within ${timeout} ms`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function shuffle(items) {
  return items
    .map((item) => [Math.random(), item])
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
