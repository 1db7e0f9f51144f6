import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import type { Engine } from '../../domain/engine.ts';
import { connectEngine } from '../connect.ts';
import { clock, type FakeServer, fakeEngine, until } from '../testkit.ts';

/** What a freeze reads, from engines that break off, complain or hang in the middle of it. */

const running: { server: FakeServer; engine: Engine }[] = [];
afterEach(async () => {
  for (const { server, engine } of running.splice(0)) {
    await engine.close();
    await server.stop();
  }
});

async function engineThat(path: string, answer: (response: ServerResponse) => unknown, using = clock): Promise<Engine> {
  const server = await fakeEngine((request, response) => {
    if (request.url?.includes(path) !== true) return false;
    answer(response);
    return true;
  });
  const engine = connectEngine({ name: 'bad', host: server.host, environment: 'ci' }, { clock: using });
  running.push({ server, engine });
  return engine;
}

async function read(stream: NodeJS.ReadableStream | null): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream as Readable) bytes += (chunk as Buffer).length;
  return bytes;
}

const archive = Buffer.alloc(200_000);

test('a stream comes whole, to the last byte', async () => {
  const engine = await engineThat('/get', (response) => response.end(archive));
  expect(await read(await engine.saveImage('web'))).toBe(archive.length);
  const small = await engineThat('/get', (response) => response.end('{}'));
  expect(await read(await small.saveImage('web'))).toBe(2);
});

test.each([
  ['{"errorDetail":{"message":"write: no space left on device"},"error":"write: no space left on device"}\r\n', 'no_space'],
  ['{"message":"layer does not exist"}\n', 'engine_failed'],
])('a complaint at the end of a stream that began with 200 is an error: %s', async (complaint, code) => {
  const split = Math.floor(complaint.length / 2);
  const engine = await engineThat('/archive', (response) => {
    response.write(archive);
    response.write(complaint.slice(0, split), () => setImmediate(() => response.end(complaint.slice(split))));
  });
  await expect(engine.readArchive('web', '/data').then(read)).rejects.toMatchObject({ code });
});

test('a stream that is cut is an error, never a short success', async () => {
  const engine = await engineThat('/get', (response) => response.write(archive, () => response.destroy()));
  await expect(engine.saveImage('web').then(read)).rejects.toMatchObject({ code: 'engine_unreachable' });
});

test('a stream that goes silent, of an engine that no longer answers, fails', async () => {
  let answers = true;
  const fast = {
    ...clock,
    // while it answers, a call has time to be answered on a busy machine
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(answers ? ms : Math.min(ms, 50), signal),
    monotonic: () => performance.now() * 1000,
  };
  const server = await fakeEngine((request, response) => {
    if (request.url?.includes('/get') !== true) return !answers;
    response.write(archive);
    return true;
  });
  const engine = connectEngine({ name: 'bad', host: server.host, environment: 'ci' }, { clock: fast });
  running.push({ server, engine });
  const stream = await engine.saveImage('web');
  answers = false;
  await expect(read(stream)).rejects.toMatchObject({ code: 'engine_timeout' });
});

test('an aborted or destroyed stream closes its socket', async () => {
  const engine = await engineThat('/get', (response) => response.write(archive));
  const sockets = running[0]?.server.sockets;
  const stop = new AbortController();
  const reading = read(await engine.saveImage('web', { signal: stop.signal }));
  stop.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
  const other = (await engine.saveImage('web')) as Readable;
  other.on('error', () => {}).resume();
  await new Promise((resolve) => other.once('data', resolve));
  other.destroy();
  // What stays is the one idle socket of the calls.
  await until(() => (sockets?.size ?? 9) <= 1, 'the sockets closed');
});

test('a full disk has its code, and a checkpoint that cannot be removed is an error', async () => {
  const full = await engineThat('/commit', (response) =>
    response.writeHead(500).end('{"message":"write /var/lib/docker/tmp/x: no space left on device"}'),
  );
  await expect(full.commit('web')).rejects.toMatchObject({ code: 'no_space' });
  const stuck = await engineThat('/checkpoints', (response) => response.writeHead(500).end('{"message":"device or resource busy"}'));
  await expect(stuck.removeCheckpoint('web', 'ck')).rejects.toMatchObject({ code: 'engine_failed' });
});
