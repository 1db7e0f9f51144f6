import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { singleLookup } from '../lookup.ts';
import { logIn } from './attempts.ts';
import type { Door } from './contract.ts';

const at = { host: '127.0.0.1' };
const doors: readonly (readonly [string, (port: number) => Door])[] = [
  ['PostgreSQL', (port) => ({ ...at, port, protocol: 'postgresql', database: 'shop', user: 'app' })],
  ['Redis', (port) => ({ ...at, port, protocol: 'redis', user: 'app' })],
  ['HTTP', (port) => ({ protocol: 'http', url: `http://127.0.0.1:${port}/`, header: 'authorization: {secret}' })],
];

test.each(doors)('%s: a server that says nothing has nothing open after the time-out', async (_, doorAt) => {
  const open = new Set<Socket>();
  // it does not close its half by itself
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => undefined);
    socket.resume();
  });
  server.listen(0, at.host);
  await once(server, 'listening');
  const door = doorAt((server.address() as AddressInfo).port);
  const came = once(server, 'connection');
  expect(await logIn({ door, secret: 'any', timeoutMs: 300 }, { lookup: singleLookup() })).toEqual({ answer: 'unknown', code: 'timeout' });
  await came;
  await expect.poll(() => open.size, { timeout: 5_000 }).toBe(0);
  server.close();
});
