import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import { docker, type Fixture, fixture, recycleDrill } from '../support/containers.ts';
import { type Pitwall, pitwall, type Started } from '../support/pitwall.ts';

let box: Fixture;
let home: Pitwall;
const running: Started[] = [];

beforeEach(async () => {
  box = fixture();
  await box.run('a', '--stop-timeout', '60', '--', 'sh', '-c', stopsWhenTold);
  home = pitwall();
  home.file('pitwall.yaml', 'api: { port: 0 }\n');
  home.file('drills/one.yaml', recycleDrill(box));
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

/** On SIGTERM it says that it was told to end, and ends when the test lets it: however slow the machine is, a run that stops it is in its middle until then. */
const stopsWhenTold = 'trap "touch /told; until [ -e /may-end ]; do sleep 0.1; done; exit 0" TERM; while :; do sleep 1 & wait $!; done';
const mayEnd = () => docker('exec', box.name('a'), 'touch', '/may-end');
const toldToEnd = () => expect.poll(() => docker('exec', box.name('a'), 'ls', '/').then((all) => all.split('\n'))).toContain('told');
/** Older than its maxUptime. */
const old = () => new Promise((resolve) => setTimeout(resolve, 1_100));

async function serve(): Promise<{ readonly server: Started; readonly api: string; readonly token: string }> {
  const server = home.start('serve');
  running.push(server);
  let log = '';
  server.child.stdout?.on('data', (chunk: Buffer) => (log += chunk));
  await server.saw('"serving');
  const address = /"address":"([^"]+)"/.exec(log)?.[1] ?? '';
  return { server, api: `${address}/api/v1`, token: readFileSync(join(home.home, 'token'), 'utf8').trim() };
}

async function ask<T>(url: string, token?: string): Promise<T> {
  const answer = await fetch(url, token === undefined ? {} : { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  return (await answer.json()) as T;
}

async function ended(api: string, id: string): Promise<RunRecord> {
  for (;;) {
    const record = await ask<RunRecord>(`${api}/runs/${id}`);
    if (record.verdict !== null) return record;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a run asked of the API is the same record there and on the command line; the token is in a file of its own', async () => {
  await mayEnd();
  const [{ api, token }] = await Promise.all([serve(), old()]);
  expect(statSync(join(home.home, 'token')).mode & 0o777).toBe(0o600);
  const { id } = await ask<{ id: string }>(`${api}/drills/recycle/runs`, token);
  const record = await ended(api, id);
  expect(record).toMatchObject({ verdict: 'passed', trigger: 'api', actor: 'admin' });
  expect(record.faults).toMatchObject([{ kind: 'recreate', target: box.name('a'), effect: 'proven', undo: 'clean', undoneAt: null }]);
  expect(JSON.parse((await home.call('show', id, '--json')).stdout)).toEqual(record);
  const again = (replay: string) =>
    fetch(`${api}/drills/recycle/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ replay }),
    });
  const replayed = await ended(api, ((await (await again(id)).json()) as { id: string }).id);
  expect(replayed).toMatchObject({ verdict: 'passed', seed: record.seed, targets: record.targets.map(({ name }) => ({ name })) });
  expect([(await again('01J00000000000000000000000')).status]).toEqual([400]);
  const { events } = await ask<{ events: { type: string }[] }>(`${api}/runs/${id}/events`);
  expect(events.map((event) => event.type)).toEqual(expect.arrayContaining(['selected', 'planned', 'recycled', 'ended']));
});

test('two on one database: the second ends with 7, and the first goes on', async () => {
  const { api } = await serve();
  const second = await home.start('serve').ended;
  expect(second.exitCode).toBe(7);
  expect(second.stderr).toMatch(/another serve uses this database/);
  expect((await fetch(`${api}/runs`)).status).toBe(200);
});

test('SIGTERM in the middle of a run: put back, recorded as aborted, exit 0', async () => {
  const [{ server, api, token }] = await Promise.all([serve(), old()]);
  const { id } = await ask<{ id: string }>(`${api}/drills/recycle/runs`, token);
  await toldToEnd();
  server.child.kill('SIGTERM');
  await mayEnd();
  expect((await server.ended).exitCode).toBe(0);
  expect(JSON.parse((await home.call('show', id, '--json')).stdout)).toMatchObject({ verdict: 'aborted', residue: [] });
  expect(await box.running()).toEqual([box.name('a')]);
  expect(await box.all()).toEqual([box.name('a')]);
});

test('SIGKILL in the middle of a run: the next serve takes over at once and puts it back', async () => {
  const [{ server, api, token }] = await Promise.all([serve(), old()]);
  const { id } = await ask<{ id: string }>(`${api}/drills/recycle/runs`, token);
  await toldToEnd();
  server.child.kill('SIGKILL');
  await server.ended;
  await mayEnd();
  const again = await serve();
  expect(await ask<RunRecord>(`${again.api}/runs/${id}`)).toMatchObject({ verdict: 'aborted', residue: [] });
  expect(await box.running()).toEqual([box.name('a')]);
  expect(await box.all()).toEqual([box.name('a')]);
});

test('a command that is killed beside it is settled within seconds, and not only at the next start', async () => {
  const [{ api }] = await Promise.all([serve(), old()]);
  const command = home.start('run', 'drills/one.yaml');
  await toldToEnd();
  command.child.kill('SIGKILL');
  await command.ended;
  await mayEnd();
  const last = async () => (await ask<{ runs: RunRecord[] }>(`${api}/runs`)).runs[0]?.verdict;
  await expect.poll(last, { timeout: 60_000 }).toBe('aborted');
  expect(await box.running()).toEqual([box.name('a')]);
  expect(await box.all()).toEqual([box.name('a')]);
});

test('an edited drill file counts without a restart; a broken edit keeps the last good version and says so', async () => {
  const { api } = await serve();
  type Drills = { drills: { name: string; description: string | null }[]; problems: { message: string }[] };
  const until = async (good: (drills: Drills) => boolean) => {
    for (let i = 0; i < 600; i++) {
      const drills = await ask<Drills>(`${api}/drills`);
      if (good(drills)) return drills;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('the edit was not taken over within a minute');
  };
  home.file('drills/one.yaml', recycleDrill(box, { rest: 'description: edited' }));
  await until(({ drills }) => drills[0]?.description === 'edited');
  home.file('drills/one.yaml', recycleDrill(box, { rest: 'descripton: broken' }));
  const broken = await until(({ problems }) => problems.length > 0);
  expect(broken.problems[0]?.message).toMatch(/one\.yaml:5:1/);
  expect(broken.drills[0]?.description).toBe('edited');
});

test('a schedule is kept: due each second, and each slot runs once', async () => {
  home.file('drills/one.yaml', `${recycleDrill(box).replace('maxUptime: 1s', 'maxUptime: 30d')}schedule: { cron: "* * * * * *" }\n`);
  const { api } = await serve();
  type Runs = { runs: { trigger: string; verdict: string | null; startedAt: string }[] };
  let runs: Runs['runs'] = [];
  for (let i = 0; i < 900 && runs.length < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    ({ runs } = await ask<Runs>(`${api}/runs`));
  }
  expect(runs.length).toBeGreaterThanOrEqual(3);
  expect(runs.every((run) => run.trigger === 'schedule' && (run.verdict === null || run.verdict === 'passed'))).toBe(true);
});
