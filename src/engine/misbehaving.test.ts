import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import { connectEngine } from './connect.ts';
import { badSocket, clock, type FakeServer, fakeEngine, until } from './testkit.ts';

/** Real sockets that do what a hanging, dying or foreign engine does: nothing may hang, leak or be taken for an answer. */

const running: { server: FakeServer; engine: Engine }[] = [];
afterEach(async () => {
  for (const { server, engine } of running.splice(0)) {
    await engine.close();
    await server.stop();
  }
});

function connect(server: FakeServer, using = clock): Engine {
  const engine = connectEngine({ name: 'bad', host: server.host, environment: 'ci' }, { clock: using });
  running.push({ server, engine });
  return engine;
}

async function failure(promise: Promise<unknown>): Promise<EngineError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('an engine that hangs', () => {
  test('accepts and never answers: a time-out, and the socket is destroyed', async () => {
    const server = await badSocket((socket) => socket.resume());
    // the version is asked for once for all calls, so it has a limit of its own
    const sooner = { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms === 15_000 ? 1_000 : ms, signal) };
    const engine = connect(server, sooner);
    const began = performance.now();
    const error = await failure(engine.list({}, { timeoutMs: 200 }));
    // the usual limit is 15 s
    expect(performance.now() - began).toBeLessThan(14_000);
    expect(error).toMatchObject({ code: 'engine_timeout', lost: true, exitCode: 6 });
    expect(error.message).toContain(`engine bad (${server.host}): cannot list containers: no answer within 0.2 s`);
    const pinged = await failure(engine.ping({ timeoutMs: 100 }));
    expect(pinged.code).toBe('engine_timeout');
    await until(() => server.sockets.size === 0, 'all sockets closed');
  });

  test('a call that timed out leaves no socket open behind', async () => {
    const server = await fakeEngine((request) => request.url?.includes('/containers/') === true);
    const engine = connect(server);
    await engine.ping();
    await failure(engine.inspect('web', { timeoutMs: 100 }));
    // The three calls shared one.
    await until(() => server.sockets.size === 0, 'the socket of the call closed');
  });

  test('sends half a head', async () => {
    const server = await badSocket((socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Ty')));
    const error = await failure(connect(server).list({}, { timeoutMs: 200 }));
    expect(error.code).toBe('engine_timeout');
  });

  test('sends a head and half a body, then nothing', async () => {
    const server = await fakeEngine((request, response) => {
      if (request.url?.includes('/json') !== true) return false;
      response.writeHead(200, { 'Content-Length': 100 });
      return response.write('[{"Id":') || true;
    });
    const error = await failure(connect(server).list({}, { timeoutMs: 200 }));
    expect(error.code).toBe('engine_timeout');
  });

  test('an abort ends the call at once, with the reason of the signal', async () => {
    const server = await badSocket((socket) => socket.resume());
    const engine = connect(server);
    const stop = new AbortController();
    const call = engine.start('web', { signal: stop.signal });
    const reason = new Error('the run was aborted');
    setTimeout(() => stop.abort(reason), 50);
    await expect(call).rejects.toBe(reason);
    await expect(engine.start('web', { signal: stop.signal })).rejects.toBe(reason);
  });

  test('a wait that takes long on an engine that answers is not a lost engine', async () => {
    const server = await fakeEngine((request) => request.url?.includes('/wait') === true);
    const error = await failure(connect(server).wait('web', { timeoutMs: 100 }));
    expect(error).toMatchObject({ code: 'engine_failed', lost: false });
    expect(error.message).toContain('though the engine answers');
  });

  test('an exec whose stream goes silent fails in time and destroys it', async () => {
    const server = await fakeEngine((request, response) => {
      if (request.url?.endsWith('/exec') === true) response.writeHead(201).end('{"Id":"e1"}');
      else if (request.url?.includes('/exec/e1/json') === true) response.end('{"Running":true,"ExitCode":null}');
      else return false;
      return true;
    });
    const engine = connect(server);
    upgradeTo(server, (socket) => socket.write(Buffer.from([1, 0, 0, 0, 0, 0, 0, 9, 104, 105])));
    const error = await failure(engine.exec('web', ['true'], { timeoutMs: 300 }));
    expect(error.message).toContain('cannot run true in container web: not done within 0.3 s');
    // What stays is the one idle socket of the calls.
    await until(() => server.sockets.size === 1, 'the stream closed');
  });

  test('events: a follower does not notice by itself, so a silent stream is pinged', async () => {
    let answers = true;
    let followed = false;
    const server = await fakeEngine((request, response) => {
      if (!answers) return true;
      if (request.url?.includes('/events') !== true) return false;
      response.writeHead(200).flushHeaders();
      followed = true;
      return true;
    });
    const fast = {
      ...clock,
      // while it answers, a call has time to be answered on a busy machine, and the first to load what it needs
      sleep: (ms: number, signal?: AbortSignal) =>
        clock.sleep(ms !== 15_000 ? Math.min(ms, 100) : !followed ? ms : answers ? 3_000 : 100, signal),
      monotonic: () => performance.now() * 1000,
    };
    const logged: string[] = [];
    const engine = connectEngine(
      { name: 'bad', host: server.host, environment: 'ci' },
      { clock: fast, log: (message) => logged.push(message) },
    );
    running.push({ server, engine });
    const stop = new AbortController();
    const seen = collectEvents(engine, stop.signal);
    await until(() => followed, 'followed');
    answers = false;
    await until(() => logged.includes('lost the events'), 'the silence was noticed');
    await until(() => seen.events.includes('engine/lost'), 'whoever follows was told');
    answers = true;
    await until(() => seen.events.includes('engine/reconnected'), 'reconnected');
    stop.abort();
    await seen.done;
  });
});

describe('an engine that dies', () => {
  test('in the middle of an answer: an error, never a short success', async () => {
    const server = await fakeEngine((request, response) => {
      if (request.url?.includes('/json') !== true) return false;
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('[]', () => setTimeout(() => response.destroy(), 20));
      return true;
    });
    const error = await failure(connect(server).list({}, { timeoutMs: 5_000 }));
    expect(error).toMatchObject({ code: 'engine_unreachable', lost: true });
    expect(error.message).toContain('the connection was lost before the answer was complete');
  });

  test('before it answers', async () => {
    const server = await badSocket((socket) => socket.once('data', () => socket.destroy()));
    const error = await failure(connect(server).ping({ timeoutMs: 5_000 }));
    expect(error.code).toBe('engine_unreachable');
  });

  test('a call that acts is sent once, one that asks is asked again', async () => {
    const asked: string[] = [];
    const server = await fakeEngine((request) => {
      if (request.url?.includes('/containers/') !== true) return false;
      asked.push(`${request.method} ${request.url}`);
      request.socket.destroy();
      return true;
    });
    const engine = connect(server);
    await failure(engine.start('web'));
    await failure(engine.inspect('web'));
    expect(asked).toEqual(['POST /v1.45/containers/web/start', 'GET /v1.45/containers/web/json', 'GET /v1.45/containers/web/json']);
  });

  test('is not there at all: no socket, and nobody behind it', async () => {
    const missing = connectEngine({ name: 'gone', host: 'unix:///nowhere/docker.sock', environment: 'ci' }, { clock });
    const absent = await failure(missing.info());
    expect(absent).toMatchObject({ code: 'engine_unreachable', exitCode: 6 });
    expect(absent.message).toBe('engine gone (unix:///nowhere/docker.sock): cannot ask for its version: there is no such socket');
    const refused = await failure(connectEngine({ name: 'gone', host: 'tcp://127.0.0.1:1', environment: 'ci' }, { clock }).info());
    expect(refused.message).toContain('nobody listens there');
  });

  test('while a log is followed', async () => {
    const server = await fakeEngine((request, response) => {
      if (request.url?.includes('/logs') !== true) return false;
      response.writeHead(200, { 'Content-Type': 'application/vnd.docker.raw-stream' });
      response.write('2026-01-01T00:00:00.5Z one\n2026-01-01T00:00:01Z tw', () => setTimeout(() => response.destroy(), 20));
      return true;
    });
    const lines: string[] = [];
    const read = async () => {
      for await (const { line } of connect(server).logs('web', { follow: true })) lines.push(line);
    };
    expect((await failure(read())).code).toBe('engine_unreachable');
    expect(lines).toEqual(['one']);
  });
});

describe('something that is no engine', () => {
  test('answers in no HTTP', async () => {
    const server = await badSocket((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n')));
    expect((await failure(connect(server).list())).code).toBe('engine_unreachable');
  });

  test('answers HTTP but no version', async () => {
    const server = await fakeEngine((_request, response) => {
      response.end('<html>');
      return true;
    });
    const error = await failure(connect(server).list());
    expect(error.code).toBe('engine_version');
  });

  test('answers with an endless body', async () => {
    const server = await fakeEngine((request, response) => {
      if (request.url?.includes('/changes') !== true) return false;
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, 32)));
      };
      response.on('drain', more).on('error', () => {});
      more();
      return true;
    });
    expect((await failure(connect(server).changes('web'))).message).toContain('larger than 64 MiB');
  });
});

function upgradeTo(server: FakeServer, onUpgrade: (socket: Duplex) => void): void {
  server.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    onUpgrade(socket.resume().on('end', () => socket.destroy()));
  });
}

function collectEvents(engine: Engine, signal: AbortSignal) {
  const events: string[] = [];
  const read = async () => {
    for await (const event of engine.events({ signal })) events.push(`${event.type}/${event.action}`);
  };
  return { events, done: read() };
}
