import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

/** Somebody's webhook on loopback: keeps what it gets and answers as told; 200 when it is not. */
export async function receiver(answer: (response: ServerResponse, got: Got, n: number) => void = (response) => void response.end('ok')) {
  const got: Got[] = [];
  let waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { headers: request.headers, body: Buffer.concat(chunks).toString(), path: request.url ?? '' };
      got.push(one);
      answer(response, one, got.length);
      for (const wake of waiting.splice(0)) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    waiting = [];
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks/s3cr3t-path`,
    port,
    got,
    async received(count: number) {
      while (got.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
