import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';
import type { CreateBody } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import type { EngineConfig } from './config.ts';
import { connectEngine } from './connect.ts';

/** For the tests of this folder alone. */

export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};

/** The engine named by DOCKER_HOST. Without it the test fails: one that skips itself proves nothing. */
export function engineHost(): string {
  const host = process.env.DOCKER_HOST;
  if (host === undefined || host === '') throw new Error('these tests need a real engine: set DOCKER_HOST');
  return host;
}

export const image = 'pitwall-fixture/busybox:1';

/** A shell that runs until SIGTERM. */
export const idle = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];

export interface Bench {
  readonly engine: Engine;
  readonly label: string;
  readonly name: (suffix: string) => string;
  /** Created and started. */
  readonly run: (suffix: string, body?: Partial<CreateBody>) => Promise<string>;
  /** Removes what carries the label, and fails if any of it remains. */
  readonly sweep: () => Promise<void>;
}

/** The real engine, with a label of its own for what a test makes. */
export function bench(config: Partial<EngineConfig> = {}): Bench {
  const engine = connectEngine({ name: 'test', host: engineHost(), environment: 'ci', ...config }, { clock, env: process.env });
  const id = `engine-${randomUUID().slice(0, 8)}`;
  const label = `pitwall.test=${id}`;
  const name = (suffix: string) => `${id}-${suffix}`;
  return {
    engine,
    label,
    name,
    async run(suffix, body = {}) {
      const made = await engine.create(name(suffix), { Image: image, Cmd: idle, ...body, Labels: { 'pitwall.test': id, ...body.Labels } });
      await engine.start(made.id);
      return made.id;
    },
    async sweep() {
      const filter = { all: true, labels: [label] };
      await Promise.all((await engine.list(filter)).map((found) => engine.remove(found.id, { force: true, anonymousVolumes: true })));
      for (const found of await engine.networks(filter)) await engine.removeNetwork(found.Id);
      for (const found of await engine.volumes(filter)) await engine.removeVolume(found.name);
      const left = [...(await engine.list(filter)), ...(await engine.networks(filter)), ...(await engine.volumes(filter))];
      await engine.close();
      if (left.length > 0) throw new Error(`left behind: ${JSON.stringify(left)}`);
    },
  };
}

export interface FakeServer {
  readonly host: string;
  readonly path: string;
  readonly server: net.Server;
  /** Sockets that are open now. */
  readonly sockets: ReadonlySet<net.Socket>;
  stop(): Promise<void>;
}

/** Something on a unix socket that behaves as an engine must not. */
export async function badSocket(onSocket: (socket: net.Socket) => unknown): Promise<FakeServer> {
  return listen(net.createServer(onSocket));
}

/** Answers `/version` and `/_ping` as an engine does, and the rest as told; a handler that returns true has answered. */
export async function fakeEngine(
  handle: (request: http.IncomingMessage, response: http.ServerResponse) => boolean | undefined,
  version: () => object = () => ({ Version: '26.1.5', ApiVersion: '1.45', MinAPIVersion: '1.24' }),
): Promise<FakeServer> {
  const server = http.createServer((request, response) => {
    if (handle(request, response) === true) return;
    if (request.url === '/_ping') response.end('OK');
    else if (request.url === '/version') response.end(JSON.stringify(version()));
    else response.writeHead(404).end('{"message":"page not found"}');
  });
  server.keepAliveTimeout = 0;
  return listen(server);
}

async function listen(server: net.Server): Promise<FakeServer> {
  const folder = await mkdtemp(join(tmpdir(), 'pitwall-engine-'));
  const path = join(folder, 'docker.sock');
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    path,
    server,
    sockets,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until it holds; fails after a minute. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 3000; tries += 1) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error(`did not happen within a minute: ${what}`);
}
