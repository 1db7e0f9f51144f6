import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bench, until } from '../testkit.ts';

const { engine, run, sweep } = bench();
let id: string;
beforeAll(async () => {
  id = await run('exec');
});
afterAll(sweep);

const sh = (script: string) => ['sh', '-c', script];

describe('exec', () => {
  test('keeps the streams apart, and the exit code', async () => {
    expect(await engine.exec(id, sh('echo out; echo err >&2; exit 7'))).toEqual({
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
    });
  });

  test('many at once, each with its own answer', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => engine.exec(id, ['echo', String(index)])));
    expect(answers.map(({ stdout, exitCode }) => `${stdout.trim()}:${exitCode}`)).toEqual(
      Array.from({ length: 12 }, (_, index) => `${index}:0`),
    );
  });

  test('gives stdin, user, environment and folder', async () => {
    const { stdout } = await engine.exec(id, sh('cat; echo "$WORD"; id -u; pwd'), {
      stdin: 'in\n',
      env: ['WORD=hello'],
      user: '1234',
      workingDir: '/tmp',
    });
    expect(stdout).toBe('in\nhello\n1234\n/tmp\n');
  });

  test('a large stdin comes out whole; one that nobody reads is no failure', async () => {
    const stdin = 'x'.repeat(700_000);
    expect((await engine.exec(id, ['wc', '-c'], { stdin })).stdout.trim()).toBe('700000');
    expect((await engine.exec(id, ['false'], { stdin: stdin.repeat(10) })).exitCode).toBe(1);
  });

  test('output beyond the limit is cut, and the command still ends', async () => {
    const result = await engine.exec(id, sh('head -c 300000 /dev/zero; echo done >&2; exit 3'), { maxBytes: 1000 });
    expect(result).toMatchObject({ exitCode: 3, stderr: 'done\n', truncated: true });
    expect(result.stdout).toHaveLength(1000);
  });

  test('a large output comes whole', async () => {
    const { stdout, truncated } = await engine.exec(id, sh('head -c 3000000 /dev/zero'), { maxBytes: 4_000_000 });
    expect(stdout).toHaveLength(3_000_000);
    expect(truncated).toBe(false);
  });

  test('a command that is not there', async () => {
    const { exitCode, stdout, stderr } = await engine.exec(id, ['/no/such/command']);
    expect([126, 127]).toContain(exitCode);
    expect(stdout + stderr).toContain('/no/such/command');
  });

  test('a child that holds the stream open does not hold the call', async () => {
    const began = performance.now();
    expect(await engine.exec(id, sh('sleep 30 & echo started'))).toMatchObject({ exitCode: 0, stdout: 'started\n' });
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('that takes too long fails in time, and the engine is not lost', async () => {
    const began = performance.now();
    const error = await engine.exec(id, ['sleep', '30'], { timeoutMs: 400 }).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'engine_failed', lost: false });
    expect(error.message).toContain('cannot run sleep in container engine-');
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test('an abort ends it with the reason', async () => {
    const stop = new AbortController();
    const call = engine.exec(id, ['sleep', '30'], { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('halted')), 200);
    await expect(call).rejects.toThrow('halted');
  });
});

describe('exec in a container', () => {
  test('that dies meanwhile ends, with the code of a killed process or none', async () => {
    const dying = await run('dying');
    const call = engine.exec(dying, sh('echo here; tail -f /dev/null'));
    await until(async () => (await engine.exec(dying, ['pidof', 'tail'])).exitCode === 0, 'it runs');
    await engine.kill(dying, 'SIGKILL');
    const result = await call;
    expect(result.stdout).toBe('here\n');
    expect([137, null]).toContain(result.exitCode);
    await expect(engine.exec(dying, ['true'])).rejects.toMatchObject({ code: 'conflict' });
  });

  test('that is removed meanwhile ends', async () => {
    const leaving = await run('leaving');
    const call = engine.exec(leaving, ['tail', '-f', '/dev/null']);
    await until(async () => (await engine.exec(leaving, ['pidof', 'tail'])).exitCode === 0, 'it runs');
    await engine.remove(leaving, { force: true });
    expect([137, null]).toContain((await call).exitCode);
  });

  test('that is paused is refused', async () => {
    const paused = await run('paused');
    await engine.pause(paused);
    await expect(engine.exec(paused, ['true'])).rejects.toMatchObject({ code: 'conflict' });
    await engine.unpause(paused);
    expect((await engine.exec(paused, ['true'])).exitCode).toBe(0);
  });

  test('that is not there', async () => {
    await expect(engine.exec('pitwall-nobody', ['true'])).rejects.toMatchObject({ code: 'not_found' });
  });
});
