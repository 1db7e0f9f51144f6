import { describe, expect, test } from 'vitest';
import { checkScope, container, never } from '../../test/checks/scope.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import { openCheck } from './check.ts';

const base = { everyMs: 250, timeoutMs: 200, minAvailability: null, name: 'c' };

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
