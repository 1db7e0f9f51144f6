import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { openStore } from '../../src/store/open.ts';
import { type Harness, startHarness } from './harness.ts';
import { openStream } from './stream.ts';

const end = { verdict: 'passed', reason: 'it held', exitCode: 0, residue: [] } as const;

function say(harness: Harness, runId: string, ...messages: string[]): void {
  for (const message of messages) harness.store.events.add(runId, 'note', null, message, { of: message });
}

const eventsOf = (harness: Harness, runId: string) => `${harness.url}/api/v1/runs/${runId}/events`;
const texts = (messages: readonly ({ data: unknown } | null)[]) =>
  messages.map((message) => (message?.data as { message?: string } | undefined)?.message);

test('as JSON, whole or after a number', async () => {
  await using harness = await startHarness();
  const runId = harness.openRun();
  say(harness, runId, 'one', 'two', 'three');
  const { json } = await harness.call('GET', `/api/v1/runs/${runId}/events`);
  expect(json).toEqual({
    events: ['one', 'two', 'three'].map((message, i) => ({
      runId,
      seq: i + 1,
      at: expect.any(String),
      type: 'note',
      target: null,
      message,
      data: { of: message },
    })),
  });
  expect((await harness.call('GET', `/api/v1/runs/${runId}/events?after=2`)).json).toMatchObject({ events: [{ seq: 3 }] });
  expect((await harness.call('GET', `/api/v1/runs/${runId}/events?after=-1`)).status).toBe(400);
});

describe('live', () => {
  test('from the beginning to the end of the run, with what comes while it is followed', async () => {
    await using harness = await startHarness();
    const runId = harness.openRun();
    say(harness, runId, 'one');
    const stream = await openStream(eventsOf(harness, runId));
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers.get('cache-control')).toBe('no-store');
    expect(await stream.next()).toMatchObject({ event: 'message', id: '1', data: { seq: 1, message: 'one', runId } });
    say(harness, runId, 'two\nwith a second line');
    expect(await stream.next()).toMatchObject({ id: '2', data: { message: 'two\nwith a second line' } });
    say(harness, runId, 'three');
    harness.store.runs.end(runId, end);
    expect(await stream.all()).toMatchObject([{ data: { message: 'three' } }, { event: 'end', data: { runId, verdict: 'passed' } }]);
  });

  test('of a run that has ended: all of it, then the end', async () => {
    await using harness = await startHarness();
    const runId = harness.openRun();
    say(harness, runId, 'one', 'two');
    harness.store.runs.end(runId, end);
    const stream = await openStream(eventsOf(harness, runId.slice(0, 20).toLowerCase()));
    const messages = await stream.all();
    expect(texts(messages)).toEqual(['one', 'two', undefined]);
    expect(JSON.stringify(messages)).not.toContain('rowId');
  });

  test('goes on behind Last-Event-ID, and says with 204 that nothing more will come', async () => {
    await using harness = await startHarness();
    const runId = harness.openRun();
    say(harness, runId, 'one', 'two', 'three');
    const stream = await openStream(eventsOf(harness, runId), { 'last-event-id': '1' });
    expect(texts([await stream.next(), await stream.next()])).toEqual(['two', 'three']);
    harness.store.runs.end(runId, end);
    await stream.all();
    expect((await openStream(eventsOf(harness, runId), { 'last-event-id': '3' })).status).toBe(204);
    expect(texts(await (await openStream(eventsOf(harness, runId), { 'last-event-id': '2' })).all())).toEqual(['three', undefined]);
    const bad = await harness.call('GET', `/api/v1/runs/${runId}/events`, {
      headers: { accept: 'text/event-stream', 'last-event-id': 'x' },
    });
    expect([bad.status, bad.json]).toMatchObject([
      400,
      { error: { code: 'invalid_request', message: expect.stringContaining('last-event-id in the headers') } },
    ]);
  });

  test('two followers see the same, and one that leaves does not disturb the other', async () => {
    await using harness = await startHarness({}, { followers: 2 });
    const runId = harness.openRun();
    const [one, two] = await Promise.all([openStream(eventsOf(harness, runId)), openStream(eventsOf(harness, runId))]);
    say(harness, runId, 'one');
    expect(texts([await one.next(), await two.next()])).toEqual(['one', 'one']);
    const third = await harness.call('GET', `/api/v1/runs/${runId}/events`, { headers: { accept: 'text/event-stream' } });
    expect([third.status, third.json]).toMatchObject([503, { error: { code: 'too_many_followers' } }]);
    await one.cancel();
    // The place of the one that left is free again, also when the run says nothing.
    await expect
      .poll(
        async () => {
          const again = await openStream(eventsOf(harness, runId));
          await again.cancel();
          return again.status;
        },
        { timeout: 30_000 },
      )
      .toBe(200);
    say(harness, runId, 'two');
    expect(texts([await two.next()])).toEqual(['two']);
  });

  test('what another process writes is seen within 250 ms', async () => {
    await using harness = await startHarness();
    const runId = harness.openRun();
    const stream = await openStream(eventsOf(harness, runId));
    const delays: number[] = [];
    const other = openStore({ path: harness.store.path, clock: systemClock });
    for (let i = 0; i < 10; i++) {
      // Another connection is to SQLite what another process is; one in another process follows below.
      const at = performance.now();
      other.events.add(runId, 'note', null, `${i}`);
      await stream.next();
      delays.push(performance.now() - at);
    }
    other.close();
    // One may be late on a machine that stands still; a poll that is too slow makes each of them late.
    expect(Math.min(...delays)).toBeLessThan(250);
    const script = `import { systemClock } from './src/clock.ts'; import { openStore } from './src/store/open.ts';
      const store = openStore({ path: ${JSON.stringify(harness.store.path)}, clock: systemClock });
      store.events.add(${JSON.stringify(runId)}, 'note', null, 'from afar');
      store.runs.end(${JSON.stringify(runId)}, ${JSON.stringify(end)}); store.close();`;
    await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    expect(texts(await stream.all())).toEqual(['from afar', undefined]);
  });

  test('a quiet run is heard of every 15 s', async () => {
    let ahead = 0;
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + ahead };
    await using harness = await startHarness({ clock });
    const runId = harness.openRun();
    const response = await fetch(eventsOf(harness, runId), { headers: { accept: 'text/event-stream' } });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('retry: 1000\n\n');
    ahead = 15_000;
    expect((await reader?.read())?.value).toBe(': still here\n\n');
    await reader?.cancel();
  });

  test('a follower that does not read holds up nobody', async () => {
    await using harness = await startHarness();
    const runId = harness.openRun();
    const filler = 'x'.repeat(100_000);
    for (let i = 0; i < 100; i++) harness.store.events.add(runId, 'note', null, filler);
    const { hostname, port } = new URL(harness.url);
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write(`GET /api/v1/runs/${runId}/events HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept: text/event-stream\r\n\r\n`);
    const other = await openStream(eventsOf(harness, runId));
    for (let i = 0; i < 100; i++) expect(await other.next()).not.toBeNull();
    await other.cancel();
    socket.destroy();
  });
});

describe('stop', () => {
  test('ends the streams, frees the port, within 2 s', async () => {
    const harness = await startHarness({}, { requestMs: 240_000 });
    const runId = harness.openRun();
    const stream = await openStream(eventsOf(harness, runId));
    const stuck = connect(Number(new URL(harness.url).port), '127.0.0.1');
    stuck.on('error', () => undefined);
    await new Promise((resolve) => stuck.once('connect', resolve));
    stuck.write('POST /api/v1/halt HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n');
    const idle = await harness.call('GET', '/healthz');
    expect(idle.status).toBe(200);
    const began = performance.now();
    await harness.server.stop();
    // the request under way is given a second, and would take five by itself; the rest is for a busy machine
    expect(performance.now() - began).toBeLessThan(4_500);
    expect(await stream.all()).toEqual([]);
    await expect(fetch(`${harness.url}/healthz`)).rejects.toThrow();
    stuck.destroy();
    await harness[Symbol.asyncDispose]();
  });

  test('with only a follower there is nothing to wait for', async () => {
    const took: number[] = [];
    for (let i = 0; i < 3; i++) {
      const harness = await startHarness();
      const stream = await openStream(eventsOf(harness, harness.openRun()));
      const began = performance.now();
      await harness.server.stop();
      took.push(performance.now() - began);
      expect(await stream.all()).toEqual([]);
      await harness[Symbol.asyncDispose]();
    }
    // one may be late on a machine that stands still; a second that is waited for makes each of them late
    expect(Math.min(...took)).toBeLessThan(500);
  });

  test('twice is once', async () => {
    const harness = await startHarness();
    await Promise.all([harness.server.stop(), harness.server.stop()]);
    await harness[Symbol.asyncDispose]();
  });
});
