import { Worker } from 'node:worker_threads';
import type { Answer } from './pages-http.ts';

export interface BareServer extends AsyncDisposable {
  readonly url: string;
}

/** A fastify with one route that gives these bytes from memory, on a thread of its own. */
export async function bareServer({ body, headers }: Pick<Answer, 'body' | 'headers'>): Promise<BareServer> {
  const { 'content-type': type, 'content-encoding': encoding } = headers;
  const worker = new Worker(script, { eval: true, workerData: { body, type, encoding } });
  const url = await new Promise<string>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}

const script = `
const { parentPort, workerData } = require('node:worker_threads');
const { fastify } = require('fastify');
const { body, type, encoding } = workerData;
const content = Buffer.from(body);
const app = fastify();
app.get('/', (request, reply) => {
  reply.type(type);
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return reply.send(content);
});
app.listen({ host: '127.0.0.1', port: 0 }).then((address) => parentPort.postMessage(address));
`;
