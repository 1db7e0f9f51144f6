import { afterEach, expect, test } from 'vitest';
import type { Engine } from '../domain/engine.ts';
import { connectEngine } from './connect.ts';
import { clock, type FakeServer, fakeEngine, until } from './testkit.ts';

const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.stop();
});

interface Said {
  Version: string;
  ApiVersion: string;
  MinAPIVersion: string;
  ID: string;
}

async function engineSaying(said: Said, config: { id?: string } = {}): Promise<{ engine: Engine; asked: string[]; server: FakeServer }> {
  const asked: string[] = [];
  const server = await fakeEngine(
    (request, response) => {
      const path = request.url?.split('?')[0] ?? '';
      asked.push(`${request.method} ${path}`);
      const spoken = /^\/v([\d.]+)/.exec(path)?.[1];
      if (path === '/version' || path === '/_ping') return false;
      if (spoken !== undefined && Number(spoken.split('.')[1]) > Number(said.ApiVersion.split('.')[1])) {
        response
          .writeHead(400)
          .end(`{"message":"client version ${spoken} is too new. Maximum supported API version is ${said.ApiVersion}"}`);
      } else if (path.endsWith('/info')) response.end(JSON.stringify({ ID: said.ID }));
      else if (path.endsWith('/containers/json')) response.end('[]');
      else response.writeHead(204).end();
      return true;
    },
    () => said,
  );
  const engine = connectEngine({ name: 'fake', host: server.host, environment: 'ci', ...config }, { clock });
  running.push(server, { stop: () => engine.close() });
  return { engine, asked, server };
}

const modern = { Version: '26.1.5', ApiVersion: '1.45', MinAPIVersion: '1.24', ID: 'A' };

test('asks nothing before the first call, and the version once for many calls at the same time', async () => {
  const { engine, asked } = await engineSaying({ ...modern });
  expect(asked).toEqual([]);
  await Promise.all(Array.from({ length: 20 }, () => engine.list()));
  await engine.list();
  expect(asked.filter((path) => path === 'GET /version')).toHaveLength(1);
  expect(asked.filter((path) => path === 'GET /v1.45/containers/json')).toHaveLength(21);
});

test('negotiates again after the engine was replaced: its sockets closed', async () => {
  const said = { ...modern };
  const { engine, asked, server } = await engineSaying(said);
  await engine.list();
  said.ApiVersion = '1.43';
  for (const socket of server.sockets) socket.destroy();
  await until(() => server.sockets.size === 0, 'the sockets closed');
  await engine.list();
  expect(asked.filter((path) => path !== 'GET /_ping')).toEqual([
    'GET /version',
    'GET /v1.45/containers/json',
    'GET /version',
    'GET /v1.43/containers/json',
  ]);
});

test('negotiates again when a proxy kept the sockets and the engine behind it was changed', async () => {
  const said = { ...modern };
  const { engine, asked } = await engineSaying(said);
  await engine.list();
  said.ApiVersion = '1.43';
  await engine.start('web');
  expect(asked.slice(2)).toEqual(['POST /v1.45/containers/web/start', 'GET /version', 'POST /v1.43/containers/web/start']);
});

test('refuses an engine that is too old, at every call, until it is upgraded', async () => {
  const said = { ...modern, Version: '19.03.15', ApiVersion: '1.40', MinAPIVersion: '1.12' };
  const { engine, asked } = await engineSaying(said);
  await expect(engine.start('web')).rejects.toMatchObject({
    code: 'engine_version',
    exitCode: 6,
    hint: 'upgrade this engine to Docker 20.10 or later',
  });
  await expect(engine.list()).rejects.toMatchObject({ code: 'engine_version' });
  expect(asked).toEqual(['GET /version', 'GET /version']);
  said.ApiVersion = '1.41';
  await engine.start('web');
});

test('a pinned ID that is another: calls that act do nothing, calls that ask may', async () => {
  const { engine, asked } = await engineSaying({ ...modern }, { id: 'B' });
  await expect(engine.start('web')).rejects.toMatchObject({ code: 'engine_identity', lost: false });
  await expect(engine.remove('web')).rejects.toMatchObject({ code: 'engine_identity' });
  await expect(engine.exec('web', ['true'])).rejects.toMatchObject({ code: 'engine_identity' });
  await expect(engine.info()).rejects.toThrow('engine fake (unix://');
  await engine.list();
  expect(asked.filter((path) => !path.startsWith('GET'))).toEqual([]);
});

test('a pinned ID is compared once, and again after the connection was lost', async () => {
  const said = { ...modern };
  const { engine, asked, server } = await engineSaying(said, { id: 'A' });
  await engine.start('web');
  await engine.start('web');
  expect(asked.filter((path) => path.endsWith('/info'))).toHaveLength(1);
  said.ID = 'another daemon at this address';
  for (const socket of server.sockets) socket.destroy();
  await until(() => server.sockets.size === 0, 'the sockets closed');
  await expect(engine.start('web')).rejects.toMatchObject({ code: 'engine_identity' });
});

test('info is asked once', async () => {
  const { engine, asked } = await engineSaying({ ...modern });
  await engine.info();
  expect(await engine.info()).toMatchObject({
    id: 'A',
    version: '26.1.5',
    apiVersion: '1.45',
    minApiVersion: '1.24',
    cgroupVersion: null,
    swarm: 'inactive',
  });
  expect(asked.filter((path) => path.endsWith('/info'))).toHaveLength(1);
});

test('after close every call fails, and no socket is left', async () => {
  const { engine, server } = await engineSaying({ ...modern });
  await engine.list();
  await engine.close();
  await until(() => server.sockets.size === 0, 'the sockets closed');
  await expect(engine.list()).rejects.toThrow('this connection was closed');
});

test('a stop waits for a container with a long grace of its own, which is looked up only then', async () => {
  const asked: string[] = [];
  let stopTimeout: number | null = 3_000;
  const server = await fakeEngine((request, response) => {
    if (request.url?.startsWith('/v1.45/') !== true) return false;
    asked.push(`${request.method} ${request.url}`);
    if (request.method === 'POST') setTimeout(() => response.writeHead(204).end(), 1_000);
    else response.end(JSON.stringify({ Id: 'c1', Name: '/patient', Config: { StopTimeout: stopTimeout } }));
    return true;
  });
  // A second of it is 10 ms of ours: the usual limit of 40 s is over before the engine answers.
  const question = 15_000;
  const fast = { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms === question ? ms : ms / 100, signal) };
  const engine = connectEngine({ name: 'fake', host: server.host, environment: 'ci' }, { clock: fast });
  running.push(server, { stop: () => engine.close() });
  await engine.ping();
  await engine.inspect('patient');
  asked.length = 0;
  await engine.stop('patient');
  expect(asked).toEqual(['POST /v1.45/containers/patient/stop', 'GET /v1.45/containers/patient/json']);
  stopTimeout = null;
  await expect(engine.stop('stuck')).rejects.toThrow('cannot stop container stuck');
});
