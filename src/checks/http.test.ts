import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcp } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { checkScope, never } from '../../test/checks/scope.ts';
import { openCheck } from './check.ts';

const open: { close(): unknown; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

function http(url: string, timeoutMs = 15_000, status = 200) {
  return openCheck({ name: 'c', type: 'http', url, status, from: null, everyMs: 250, timeoutMs, minAvailability: null }, checkScope());
}

describe('http', () => {
  test('holds on the expected status once the body has been read', async () => {
    let whole = false;
    const { url } = await serve((_, response) => {
      response.write('a');
      setTimeout(() => {
        whole = true;
        response.end('b');
      }, 60);
    });
    const result = await http(url).ask(never);
    expect(result).toMatchObject({ ok: true, error: null });
    expect(whole).toBe(true);
    expect(result.latencyMs).toBeGreaterThan(50);
  });

  test('fails on another status, and does not follow a redirect to a good one', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/good' });
      response.end();
    });
    expect(await http(url).ask(never)).toMatchObject({ ok: false, error: 'status 302, expected 200' });
    expect(await http(url, 15_000, 302).ask(never)).toMatchObject({ ok: true });
  });

  test('makes a connection for every sample, so that a restart cannot hide behind a kept one', async () => {
    let connections = 0;
    const { url, server } = await serve((_, response) => response.end('ok'));
    server.on('connection', () => {
      connections++;
    });
    const check = http(url);
    await check.ask(never);
    await check.ask(never);
    expect(connections).toBe(2);
  });

  test('says refused, reset, cut, not HTTP, late and unknown names in a few words without the address', async () => {
    const { url: gone, server } = await serve(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    expect((await http(gone).ask(never)).error).toBe('connection refused');

    const { url: resetting } = await serve((request) => request.socket.resetAndDestroy());
    expect((await http(resetting).ask(never)).error).toBe('connection reset');

    const { url: cutting } = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => request.socket.destroy());
    });
    expect((await http(cutting).ask(never)).error).toBe('connection reset');

    const silent = createTcp((socket) => socket.end('no http at all\r\n\r\n'));
    open.push(silent);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    expect((await http(`http://127.0.0.1:${(silent.address() as AddressInfo).port}/`).ask(never)).error).toMatch(/^the answer is not HTTP/);

    const { url: slow } = await serve(() => undefined);
    const late = await http(slow, 100).ask(never);
    expect(late).toMatchObject({ ok: false, error: 'no answer within 100 ms' });
    expect(late.latencyMs).toBeGreaterThanOrEqual(99);
    // it would never be answered
    expect(late.latencyMs).toBeLessThan(15_000);

    const secret = await http('http://user:hunter2@no-such-name.invalid/?token=hunter2', 15_000).ask(never);
    expect(secret.error).toMatch(/^name does not resolve/);
    expect(JSON.stringify(secret)).not.toContain('hunter2');
  });

  test('a body that never ends is late, not good', async () => {
    const { url } = await serve((_, response) => {
      response.write('a');
    });
    expect((await http(url, 100).ask(never)).error).toBe('no answer within 100 ms');
  });

  test('the run ending is no answer of the service', async () => {
    const { url } = await serve(() => undefined);
    const stop = new AbortController();
    const asked = http(url).ask(stop.signal);
    stop.abort(new Error('halted'));
    await expect(asked).rejects.toThrow('halted');
    await expect(http(url).ask(AbortSignal.abort(new Error('halted')))).rejects.toThrow('halted');
  });
});
