import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { checkScope, never } from '../../test/checks/scope.ts';
import { openCheck } from './check.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function serve(listener: (socket: Socket) => void, host = '127.0.0.1'): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    listener(socket);
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return String((server.address() as AddressInfo).port);
}

function tcp(address: string, timeoutMs = 15_000) {
  return openCheck({ name: 'c', type: 'tcp', address, from: null, everyMs: 250, timeoutMs, minAvailability: null }, checkScope());
}

describe('tcp', () => {
  test('holds when the connection is accepted and kept, by name, IPv4 and IPv6', async () => {
    const port = await serve(() => undefined);
    const begun = performance.now();
    const result = await tcp(`127.0.0.1:${port}`).ask(never);
    expect(result).toMatchObject({ ok: true, error: null });
    // Of the connection, without the moment for which it is watched.
    expect(performance.now() - begun - result.latencyMs).toBeGreaterThan(90);
    expect(await tcp(`localhost:${port}`).ask(never)).toMatchObject({ ok: true });
    const six = await serve(() => undefined, '::1');
    expect(await tcp(`[::1]:${six}`).ask(never)).toMatchObject({ ok: true });
  });

  test('a service may speak and hang up', async () => {
    const port = await serve((socket) => socket.end('-ERR max number of clients\r\n'));
    expect(await tcp(`127.0.0.1:${port}`).ask(never)).toMatchObject({ ok: true });
  });

  test('one that accepts and hangs up without a word, as Docker does for a dead container, does not hold', async () => {
    const closing = await serve((socket) => socket.end());
    expect((await tcp(`127.0.0.1:${closing}`).ask(never)).error).toBe('connection closed at once');
    const resetting = await serve((socket) => socket.resetAndDestroy());
    expect((await tcp(`127.0.0.1:${resetting}`).ask(never)).error).toBe('connection reset');
  });

  test('refused and unknown names are failures', async () => {
    const port = await serve(() => undefined);
    await new Promise((resolve) => open.pop()?.close(resolve));
    expect((await tcp(`127.0.0.1:${port}`).ask(never)).error).toBe('connection refused');
    expect((await tcp('no-such-name.invalid:80', 15_000).ask(never)).error).toMatch(/^name does not resolve/);
  });

  test('hangs up after each sample', async () => {
    let closed = 0;
    const port = await serve((socket) => {
      socket.resume();
      socket.on('close', () => {
        closed++;
      });
    });
    await tcp(`127.0.0.1:${port}`).ask(never);
    await expect.poll(() => closed).toBe(1);
  });
});
