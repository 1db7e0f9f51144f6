import { describe, expect, test } from 'vitest';
import { checkScope, container, never, realClock } from '../../test/checks/scope.ts';
import type { ContainerSummary } from '../domain/engine/containers.ts';
import type { ExecResult } from '../domain/engine/streams.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import { openCheck } from './check.ts';

const base = { everyMs: 250, timeoutMs: 200, minAvailability: null, name: 'c' };

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
    let release: (result: ExecResult) => void = () => undefined;
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
