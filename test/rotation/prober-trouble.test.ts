import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Door, Series } from '../../src/checks/prober/contract.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { docker } from '../support/containers.ts';
import { endOf, openProberLab, type ProberLab, seen, watch } from './prober-lab.ts';

let at: ProberLab;
beforeAll(async () => {
  at = await openProberLab();
});
afterAll(() => at?.close());

const helpers = async () => (await at.lab.ours()).filter(({ labels }) => labels['pitwall.role'] === 'prober');

test('no value is in what the engine shows of a helper, keeps of its output, or lists of its processes', async () => {
  const wrong = newSecret();
  const answers = await at.prober.command(at.doors.postgres('postgres'), at.admin, [
    { text: 'SELECT 1', values: [] },
    { text: wrong.reveal() },
  ]);
  expect(answers).toHaveLength(2);
  for (const door of [
    at.doors.postgres('postgres'),
    at.doors.redis(null),
    at.doors.http('/ok'),
    at.doors.redisTls(),
    at.doors.nodeTls(9443),
  ])
    for (const secret of [at.admin, wrong]) await at.prober.once({ door, secret, mode: 'login', timeoutMs: 2_000 });
  const session = await watch(at.prober, at.doors.redis(null), at.admin, 'session');
  const [helper] = await helpers();
  const id = helper?.id ?? '';
  // a helper's output is kept nowhere, so that there is nothing to read back
  const logs = await docker('logs', id).catch((error: Error & { stderr: string }) => error.stderr);
  const { stdout: environment } = await at.lab.engine.exec(id, [
    '/pitwall/bin/node',
    '-e',
    'process.stdout.write(require("fs").readFileSync("/proc/1/environ"))',
  ]);
  const shown = [
    await docker('inspect', id),
    logs,
    await docker('top', id, '-eo', 'pid,args'),
    environment,
    JSON.stringify(session.samples()),
  ].join('\n');
  expect(shown).toContain('prober-main.js');
  expect(logs).toMatch(/does not support reading/);
  for (const secret of [at.admin, wrong]) expect(shown).not.toContain(secret.reveal());
  await session.stop();
});

describe.each([
  ['PostgreSQL', () => at.doors.postgres('postgres'), () => at.ids.postgres],
  ['Redis', () => at.doors.redis(null), () => at.ids.redis],
])('%s that does not answer', (_, doorOf, idOf) => {
  let all: { login: Series; session: Series };
  let door: Door;
  beforeAll(async () => {
    door = doorOf();
    const start = (mode: 'login' | 'session') => watch(at.prober, door, at.admin, mode, 400);
    all = { login: await start('login'), session: await start('session') };
  });
  afterAll(() => Promise.all([all.login.stop(), all.session.stop()]));

  test('is unknown while it is paused, and goes on where it was', async () => {
    await at.lab.engine.pause(idOf());
    const late = await seen(all.login, ({ answer }) => answer !== 'accepted');
    expect(late).toMatchObject({ answer: 'unknown', code: 'timeout' });
    expect(await seen(all.session, ({ answer }) => answer !== 'accepted')).toMatchObject({ answer: 'unknown', code: 'timeout' });
    await at.lab.engine.unpause(idOf());
    for (const series of [all.login, all.session])
      await seen(series, ({ answer, startedAt }) => answer === 'accepted' && startedAt > late.endedAt);
  });

  test('is unknown when it has gone, which its session sees as an end', async () => {
    const before = performance.now();
    await at.lab.engine.kill(idOf(), 'KILL');
    await at.lab.engine.wait(idOf());
    expect(await endOf(all.session, before)).toMatchObject({
      answer: 'closed',
    });
    await seen(all.login, ({ code }) => code === 'ENOTFOUND' || code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'EAI_AGAIN');
    const answers = new Set(all.login.samples().map(({ answer }) => answer));
    expect(answers).toEqual(new Set(['accepted', 'unknown']));
    expect(await at.prober.command(door, at.admin, [{ text: 'PING' }], { timeoutMs: 1_000 })).toMatchObject([
      { ok: false, answer: 'unknown' },
    ]);
  });
});

describe('a prober', () => {
  test('tells instants of ours', async () => {
    const spec = { door: at.doors.http('/200'), secret: newSecret(), mode: 'login', timeoutMs: 2_000 } as const;
    expect(at.prober.uncertaintyMs).toBeLessThan(250);
    const sent = performance.now();
    const { dueAt, startedAt, endedAt } = await at.prober.once(spec);
    const back = performance.now();
    const most = at.prober.uncertaintyMs + 0.01;
    expect(startedAt).toBeGreaterThanOrEqual(sent - most);
    expect(endedAt).toBeLessThanOrEqual(back + most);
    expect(dueAt <= startedAt && startedAt < endedAt).toBe(true);
  });

  test('keeps to its beat, and leaves out what falls due while an attempt lasts', async () => {
    const quick = at.prober.start({ door: at.doors.http('/200'), secret: newSecret(), mode: 'login', everyMs: 50, timeoutMs: 1_000 });
    const slow = at.prober.start({ door: at.doors.http('/hang'), secret: newSecret(), mode: 'login', everyMs: 50, timeoutMs: 120 });
    await expect.poll(() => Math.min(quick.samples().length, slow.samples().length), { timeout: 10_000 }).toBeGreaterThan(5);
    await Promise.all([quick.stop(), slow.stop()]);
    for (const series of [quick, slow]) {
      const [, second, ...rest] = series.samples();
      for (const { dueAt, startedAt } of rest) {
        const beats = (dueAt - (second?.dueAt ?? 0)) / 50;
        expect(Math.abs(beats - Math.round(beats))).toBeLessThan(0.01);
        expect(startedAt).toBeGreaterThanOrEqual(dueAt - 0.02);
      }
    }
    const made = slow.samples();
    expect(made.every(({ startedAt }, i) => i === 0 || startedAt >= (made[i - 1]?.endedAt ?? 0))).toBe(true);
    const count = quick.samples().length;
    await at.prober.once({ door: at.doors.http('/200'), secret: newSecret(), mode: 'login', timeoutMs: 1_000 });
    expect(quick.samples()).toHaveLength(count);
  });

  test('whose helper is killed is not alive, and its series are over', async () => {
    const before = new Set((await helpers()).map(({ id }) => id));
    const prober = await at.open();
    const series = await watch(prober, at.doors.http('/200'), newSecret());
    expect(prober.alive()).toBe(true);
    const mine = (await helpers()).find(({ id }) => !before.has(id))?.id ?? '';
    await at.lab.engine.kill(mine, 'KILL');
    await expect.poll(() => prober.alive(), { timeout: 5_000 }).toBe(false);
    await series.stop();
    expect(await prober.once({ door: at.doors.http('/200'), secret: newSecret(), mode: 'login', timeoutMs: 500 })).toMatchObject({
      answer: 'unknown',
      code: 'prober-ended',
    });
    await prober.close();
    expect((await helpers()).map(({ id }) => id)).not.toContain(mine);
  });

  test('that hangs is not alive, and is closed all the same', async () => {
    const before = new Set((await helpers()).map(({ id }) => id));
    const prober = await at.open();
    const mine = (await helpers()).find(({ id }) => !before.has(id))?.id ?? '';
    await at.lab.engine.pause(mine);
    await expect.poll(() => prober.alive(), { timeout: 10_000 }).toBe(false);
    await prober.close();
    expect((await helpers()).map(({ id }) => id)).not.toContain(mine);
  });

  test('cannot be opened where nothing runs, and leaves nothing', async () => {
    const count = (await helpers()).length;
    await expect(at.open({ id: at.ids.redis, name: 'redis' })).rejects.toMatchObject({ code: expect.any(String) });
    expect(await helpers()).toHaveLength(count);
  });
});
