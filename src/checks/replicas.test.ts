import { describe, expect, test } from 'vitest';
import { checkScope, never, realClock } from '../../test/checks/scope.ts';
import type { ContainerSummary, Engine, ExecResult } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import { openCheck } from './check.ts';

const base = { everyMs: 250, timeoutMs: 200, minAvailability: null, name: 'c' };

function container(name: string, given: Partial<ContainerSummary> = {}): ContainerSummary {
  return {
    id: name,
    name,
    image: 'i',
    imageId: 'i',
    state: 'running',
    status: 'Up 3 seconds',
    createdAt: 0,
    labels: {},
    networks: [],
    ...given,
  };
}

function health(list: Engine['list'], project: string | null = 'shop') {
  const engine = { list } as unknown as Engine;
  return openCheck({ ...base, type: 'health', service: 'web' }, checkScope({ engine, project })).ask(never);
}

describe('health', () => {
  test('asks for the running containers of the service in the project', async () => {
    const asked: unknown[] = [];
    await health(async (filter) => {
      asked.push(filter);
      return [container('web-1')];
    });
    expect(asked).toEqual([{ labels: ['com.docker.compose.project=shop', 'com.docker.compose.service=web'] }]);
  });

  test.each([
    [[container('web-1'), container('web-2', { status: 'Up 2 hours (healthy)' })], null],
    [[container('web-2', { status: 'Up 2 hours (unhealthy)' }), container('web-1')], 'web-2 is unhealthy'],
    [[container('web-1', { status: 'Up 1 second (health: starting)' })], 'web-1 is starting'],
    [[container('web-1', { state: 'paused', status: 'Up 3 minutes (Paused)' })], 'web-1 is paused'],
    [[container('web-1', { state: 'restarting', status: 'Restarting (1) 2 seconds ago' })], 'web-1 is restarting'],
    [[], 'no replica of web is running'],
  ])('%#: %j', async (found, error) => {
    expect(await health(async () => found)).toMatchObject({ ok: error === null, error });
  });

  test('helpers and clones of ours are no replicas', async () => {
    const ours = [container('a', { labels: { 'pitwall.role': 'clone' } }), container('b', { labels: { 'pitwall.run': 'r' } })];
    expect(await health(async () => ours)).toMatchObject({ ok: false, error: 'no replica of web is running' });
  });

  test('without a Compose project there is nowhere to look, and it is not asked', async () => {
    const result = await health(() => Promise.reject(new Error('asked')), null);
    expect(result.error).toBe('no replica: the targets have no Compose project in which to find web');
  });

  test('an engine that cannot be reached says nothing about the service; one that refuses is a failed sample', async () => {
    await expect(health(() => Promise.reject(new EngineError('engine_unreachable', 'gone')))).rejects.toThrow('gone');
    expect(await health(() => Promise.reject(new EngineError('engine_failed', 'secret')))).toMatchObject({
      ok: false,
      error: 'the engine could not ask (engine_failed)',
    });
    expect(await health(() => new Promise(() => undefined))).toMatchObject({ ok: false, error: 'no answer within 200 ms' });
  });
});

function answer(given: Partial<ExecResult> = {}): ExecResult {
  return { exitCode: 0, stdout: '', stderr: '', truncated: false, ...given };
}

function exec(lists: readonly (readonly ContainerSummary[])[], run: (id: string) => Promise<ExecResult>) {
  let asked = 0;
  const engine = {
    list: async () => lists[Math.min(asked++, lists.length - 1)] ?? [],
    exec: (id: string) => run(id),
  } as unknown as Engine;
  const expected = { exitCode: 0, min: null, max: null, equals: null, contains: null };
  return openCheck({ ...base, type: 'exec', argv: ['x'], in: { service: 'web' }, expect: expected }, checkScope({ engine }));
}

describe('exec', () => {
  const both = [container('web-1'), container('web-2')];

  test('every running replica must answer', async () => {
    const asked: string[] = [];
    const check = exec([both], async (id) => {
      asked.push(id);
      return answer({ exitCode: id === 'web-2' ? 1 : 0 });
    });
    expect(await check.ask(never)).toMatchObject({ ok: false, error: 'web-2: exit code 1, expected 0' });
    expect(asked.sort()).toEqual(['web-1', 'web-2']);
    expect(await exec([both], async () => answer()).ask(never)).toMatchObject({ ok: true, error: null });
    expect(await exec([[]], async () => answer()).ask(never)).toMatchObject({ ok: false, error: 'no replica of web is running' });
  });

  test('one that was on its way out when it was asked does not count; the last one does', async () => {
    const leaving = (id: string) =>
      id === 'web-2' ? Promise.reject(new EngineError('conflict', 'not running')) : Promise.resolve(answer());
    expect(await exec([both, [container('web-1')]], leaving).ask(never)).toMatchObject({ ok: true });
    expect(await exec([[container('web-2')], []], leaving).ask(never)).toMatchObject({ ok: false, error: 'no replica of web is running' });
    expect(await exec([both, both], leaving).ask(never)).toMatchObject({ ok: false, error: 'web-2: could not be asked (conflict)' });
  });

  test('a command that hangs is a failure in time, and is not started again beside itself', async () => {
    let started = 0;
    let release = (_: ExecResult) => {};
    const check = exec([[container('web-1')]], () => {
      started++;
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    expect(await check.ask(never)).toMatchObject({ ok: false, error: 'no answer within 200 ms' });
    expect(await check.ask(never)).toMatchObject({ ok: false, error: 'web-1: the command of an earlier sample has not ended' });
    expect(started).toBe(1);
    release(answer());
    await realClock.sleep(1);
    const again = check.ask(never);
    await realClock.sleep(20);
    release(answer());
    expect(await again).toMatchObject({ ok: true });
    expect(started).toBe(2);
    await check.close();
  });

  test('an engine that is lost is no sample', async () => {
    const lost = exec([[container('web-1')]], () => Promise.reject(new EngineError('engine_unreachable', 'gone')));
    await expect(lost.ask(never)).rejects.toThrow('gone');
  });
});
