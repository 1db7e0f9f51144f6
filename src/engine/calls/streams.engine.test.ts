import { spawn } from 'node:child_process';
import { connect as dial, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { EngineEvent } from '../../domain/engine/events.ts';
import type { LogLine } from '../../domain/engine/streams.ts';
import type { Engine } from '../../domain/engine.ts';
import { connectEngine } from '../connect.ts';
import { badSocket, bench, clock, engineHost, until } from '../testkit.ts';

const { engine, label, name, run, sweep } = bench();
afterAll(sweep);

async function all(lines: AsyncIterable<LogLine>): Promise<LogLine[]> {
  const found: LogLine[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

describe('logs', () => {
  const script = 'echo one; echo two >&2; printf "no end"';

  test('end by themselves, with streams and times', async () => {
    const id = await run('log', { Cmd: ['sh', '-c', script] });
    await engine.wait(id);
    const lines = await all(engine.logs(id));
    expect(lines.map(({ stream, line }) => `${stream} ${line}`).sort()).toEqual(['stderr two', 'stdout no end', 'stdout one']);
    expect(Math.abs(Date.parse(lines[0]?.at ?? '') - Date.now())).toBeLessThan(60_000);
    expect(await all(engine.logs(id, { tail: 1 }))).toHaveLength(1);
    expect(await all(engine.logs(id, { since: Date.now() + 60_000 }))).toEqual([]);
  });

  test('of a container with a terminal', async () => {
    const id = await run('tty', { Tty: true, Cmd: ['sh', '-c', script] });
    await engine.wait(id);
    const lines = await all(engine.logs(id));
    expect(lines.map(({ stream, line }) => `${stream} ${line}`)).toEqual(['stdout one', 'stdout two', 'stdout no end']);
    expect(lines.every(({ at }) => at !== null)).toBe(true);
  });

  test('are followed until the signal, or until the container ends', async () => {
    const id = await run('follow', { Cmd: ['sh', '-c', 'trap "echo bye; exit 0" TERM; echo first; while :; do sleep 0.1; done'] });
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { line } of engine.logs(id, { follow: true, signal: stop.signal })) {
      seen.push(line);
      stop.abort();
    }
    expect(seen).toEqual(['first']);
    const ended = all(engine.logs(id, { follow: true }));
    await engine.stop(id);
    expect((await ended).map(({ line }) => line)).toEqual(['first', 'bye']);
  });

  test('of nobody', async () => {
    await expect(all(engine.logs('pitwall-nobody'))).rejects.toMatchObject({ code: 'not_found' });
  });
});

/** A way to the real engine that can be cut, as a restart of the engine would. */
async function cuttable() {
  const open = new Set<Socket>();
  let closed = false;
  const path = engineHost().replace('unix://', '');
  const server = await badSocket((socket) => {
    if (closed) return socket.destroy();
    const through = dial(path);
    for (const end of [socket, through]) {
      open.add(end);
      end
        .on('error', () => {})
        .on('close', () => {
          open.delete(end);
          socket.destroy();
          through.destroy();
        });
    }
    return socket.pipe(through).pipe(socket);
  });
  return {
    ...server,
    cut() {
      closed = true;
      for (const socket of open) socket.destroy();
    },
    mend() {
      closed = false;
    },
  };
}

function follow(from: Engine, signal: AbortSignal, since?: number) {
  const seen: EngineEvent[] = [];
  const read = async () => {
    for await (const event of from.events({ signal, types: ['container'], labels: [label], ...(since === undefined ? {} : { since }) }))
      seen.push(event);
  };
  return {
    seen,
    names: () => seen.map((event) => (event.type === 'engine' ? event.action : `${event.action} ${event.attributes.name}`)),
    done: read(),
  };
}

describe('events', () => {
  test('come as they happen, end with the signal, and carry nanoseconds', async () => {
    const stop = new AbortController();
    const began = await engineTime();
    const events = follow(engine, stop.signal, began);
    const id = await run('events');
    await engine.kill(id, 'SIGKILL');
    await until(() => events.names().includes(`die ${name('events')}`), 'the events came');
    const own = events.names().filter((each) => each.endsWith(name('events')));
    expect(own.slice(0, 2)).toEqual([`create ${name('events')}`, `start ${name('events')}`]);
    expect(events.seen.some((event) => event.action === 'die' && event.id === id)).toBe(true);
    expect(events.seen.some(({ timeNano }) => timeNano % 256n !== 0n)).toBe(true);
    stop.abort();
    await events.done;
  });

  test('what happened while the engine could not be reached is not lost, and nothing comes twice', async () => {
    const way = await cuttable();
    const logged: string[] = [];
    const through = connectEngine({ name: 'cut', host: way.host, environment: 'ci' }, { clock, log: (message) => logged.push(message) });
    const stop = new AbortController();
    const events = follow(through, stop.signal, await engineTime());
    const id = await run('gap');
    await until(() => events.names().includes(`start ${name('gap')}`), 'the first events came');
    way.cut();
    await until(() => logged.length > 0, 'the loss was noticed');
    await engine.kill(id, 'SIGKILL');
    await engine.wait(id);
    await engine.remove(id);
    way.mend();
    await until(() => events.names().includes(`destroy ${name('gap')}`), 'the missed events came');
    const gap = events.names().filter((each) => each === 'reconnected' || each.endsWith(name('gap')));
    expect(gap).toEqual([
      `create ${name('gap')}`,
      `start ${name('gap')}`,
      'reconnected',
      `kill ${name('gap')}`,
      `die ${name('gap')}`,
      `destroy ${name('gap')}`,
    ]);
    stop.abort();
    await events.done;
    await through.close();
    await way.stop();
  });

  test('an engine that is not there at the start is an error', async () => {
    const missing = connectEngine({ name: 'gone', host: 'unix:///nowhere.sock', environment: 'ci' }, { clock });
    await expect(follow(missing, new AbortController().signal).done).rejects.toMatchObject({ code: 'engine_unreachable' });
  });
});

test('a process that called, ran, read and followed can exit without closing', async () => {
  const id = await run('exit', { Cmd: ['sh', '-c', 'echo begun; exec sleep 600'] });
  const script = `
    import { connectEngine } from ${JSON.stringify(fileURLToPath(new URL('../connect.ts', import.meta.url)))};
    import { setTimeout as sleep } from 'node:timers/promises';
    const clock = { now: () => Date.now(), monotonic: () => performance.now(), sleep: (ms, signal) => sleep(ms, undefined, { signal }) };
    const engine = connectEngine({ name: 'x', host: process.env.DOCKER_HOST, environment: 'ci' }, { clock });
    const stop = new AbortController();
    let [begun, told] = [];
    const logged = new Promise((resolve) => (begun = resolve));
    const happened = new Promise((resolve) => (told = resolve));
    const followed = (async () => { for await (const _ of engine.logs('${id}', { follow: true, signal: stop.signal })) begun(); })();
    const heard = (async () => { for await (const _ of engine.events({ signal: stop.signal })) told(); })();
    await engine.list();
    await engine.exec('${id}', ['true']);
    await engine.exec('${id}', ['sleep', '9'], { timeoutMs: 100 }).catch(() => {});
    const more = setInterval(() => engine.exec('${id}', ['true']).catch(() => {}), 200);
    await Promise.all([logged, happened]);
    clearInterval(more);
    stop.abort();
    await Promise.all([followed, heard]);
    console.log('done');
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const code = await Promise.race([new Promise((resolve) => child.on('exit', resolve)), sleep(90_000, 'hangs', { ref: false })]);
  child.kill('SIGKILL');
  expect(printed).toBe('done\n');
  expect(code).toBe(0);
});

/** UTC ms by the engine's clock: that of the same machine here. */
async function engineTime(): Promise<number> {
  await engine.ping();
  return Date.now();
}
