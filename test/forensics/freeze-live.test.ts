import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { FoundText } from '../../src/forensics/find-text.ts';
import type { CaseDetail, CaseVerification } from '../../src/forensics/service.ts';
import { docker } from '../support/containers.ts';
import { findTool, type Tool } from '../support/tools.ts';
import { openOciLab } from './oci-lab.ts';
import { busy, type FreezeLab, type Frozen, freezeLab, stateOf } from './support.ts';

const execute = promisify(execFile);
const secret = randomBytes(8).toString('hex');
const [rowCanary, valueCanary] = [`row-canary-${secret}`, `value-canary-${secret}`];

let lab: FreezeLab;
let oci: Awaited<ReturnType<typeof openOciLab>>;
let pool: pg.Pool;
let redis: Redis;

beforeAll(async () => {
  lab = freezeLab();
  oci = await openOciLab();
  lab.home.file('pitwall.yaml', `registry: { url: "${oci.access.url}", repository: evidence }\n`);
  const { box } = lab;
  const start = (name: string, port: number, ...args: string[]) =>
    docker('run', '-d', '--name', box.name(name), '--label', box.label, '--label', `${box.id}=live`, '-p', `127.0.0.1::${port}`, ...args);
  await start('db', 5432, 'pitwall-fixture/postgres:1');
  await start('redis', 6379, 'pitwall-fixture/redis:1', '--appendonly', 'yes', '--appendfsync', 'always');
  const portOf = async (name: string) => Number((await docker('port', box.name(name))).split('\n')[0]?.split(':').at(-1));
  pool = new pg.Pool({ host: '127.0.0.1', port: await portOf('db'), user: 'postgres', database: 'postgres', max: 4, idleTimeoutMillis: 0 });
  pool.on('error', () => undefined);
  await vi.waitFor(() => pool.query('select 1'), { timeout: 60_000, interval: 200 });
  redis = new Redis(await portOf('redis'), '127.0.0.1', { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  await redis.ping();
}, 180_000);
afterAll(async () => {
  await pool?.end();
  redis?.disconnect();
  await oci?.[Symbol.asyncDispose]();
  await lab?.[Symbol.asyncDispose]();
});

/** Writes as fast as it is answered; a write counts once the server said yes to it. */
function load(write: (n: number) => Promise<unknown>) {
  let going = true;
  let acknowledged = 0;
  const failures: unknown[] = [];
  const running = (async () => {
    while (going && failures.length === 0)
      await write(acknowledged).then(
        () => acknowledged++,
        (error: unknown) => failures.push(error),
      );
  })();
  return {
    more: async (than: number) => expect.poll(() => acknowledged, { timeout: 30_000, interval: 10 }).toBeGreaterThan(than),
    get acknowledged() {
      return acknowledged;
    },
    async stop() {
      going = false;
      await running;
      return { acknowledged, failures };
    },
  };
}

async function have(tool: Tool, skip: (why: string) => void): Promise<string> {
  const found = await findTool(tool);
  if ('path' in found) return found.path;
  skip(found.missing);
  return '';
}

let frozen: Frozen;

test('a live PostgreSQL and a live Redis are frozen as a set, captured whole and resumed: no acknowledged write is lost, connections go on', async () => {
  const { box, home, freeze } = lab;
  await pool.query('create table orders (n int, note text)');
  await pool.query('insert into orders values (-1, $1)', [rowCanary]);
  await redis.set('note', valueCanary);
  await docker('exec', '-u', '0', box.name('redis'), 'sh', '-c', 'echo planted > /planted; rm /etc/group');
  const backends = async () =>
    (await pool.query<{ pid: number }>("select pid from pg_stat_activity where backend_type = 'client backend' order by 1")).rows;
  const clients = [0, 1, 2].map((who) => load((n) => pool.query('insert into orders values ($1, $2)', [n, `client ${who}`])));
  const jobs = load(() => redis.incr('jobs'));
  for (const one of [...clients, jobs]) await one.more(50);
  const before = await backends();

  frozen = await freeze('--label', `${box.id}=live`, '--disposition', 'resume', '--reason', 'looks wrong');
  const after = clients.map((one) => one.acknowledged);
  for (const [i, one] of clients.entries()) await one.more((after[i] ?? 0) + 50);
  expect(await backends()).toEqual(before);
  const wrote = await Promise.all(clients.map((one) => one.stop()));
  const worked = await jobs.stop();

  expect([frozen.exitCode, frozen.record.verdict]).toEqual([0, 'passed']);
  for (const one of frozen.cases) {
    expect(one).toMatchObject({
      state: 'whole',
      seal: 'intact',
      coverage: 1,
      hold: { ending: 'resumed' },
      push: { state: 'pushed' },
      reason: 'looks wrong',
    });
  }
  expect(frozen.cases.map(({ container }) => container.name).toSorted()).toEqual([box.name('db'), box.name('redis')]);
  expect([...wrote, worked].flatMap(({ failures }) => failures)).toEqual([]);
  const { rows } = await pool.query<{ count: string }>('select count(*) from orders where n >= 0');
  expect(Number(rows[0]?.count)).toBe(wrote.reduce((sum, { acknowledged }) => sum + acknowledged, 0));
  expect(Number(await redis.get('jobs'))).toBe(worked.acknowledged);
  // as near to one instant as can be, and it is said how near
  const events = (await home.call('show', frozen.record.id, '--events')).stdout;
  expect(events).toMatch(/ skew +2 frozen within \d+\.\d ms of one another/);
  await lab.consistent();
}, 120_000);

test('checkpointctl finds the row and the value in the memory of the export, gdb opens a core with frames', async ({ skip }) => {
  const { home, box } = lab;
  for (const [name, canary] of [
    ['db', rowCanary],
    ['redis', valueCanary],
  ] as const) {
    const id = frozen.cases.find(({ container }) => container.name === box.name(name))?.id ?? '';
    const folder = join(home.home, name);
    mkdirSync(folder);
    const exported = await home.call('evidence', 'export', id, '--out', `${name}.tar`);
    expect([exported.exitCode, exported.stderr]).toEqual([0, '']);
    await execute('tar', ['-xf', join(home.home, `${name}.tar`), '-C', folder]);
    const answer = await home.call('evidence', 'find', id, canary, '--json');
    expect([answer.exitCode, answer.stderr, answer.stdout.includes(canary)]).toEqual([0, '', false]);
    const searched = JSON.parse(answer.stdout) as FoundText;
    const found = searched.processes.find(({ matches }) => matches > 0);
    expect(found?.places[0]).toMatchObject({ address: expect.stringMatching(/^0x[0-9a-f]+$/), in: { kind: expect.any(String) } });
    expect([searched.notSearched, searched.processes.length]).toEqual([[], searched.processes.filter(({ bytes }) => bytes > 0).length]);
    expect((await home.call('evidence', 'find', id, `not-${canary}`)).exitCode).toBe(1);
    const checkpointctl = await have('checkpointctl', skip);
    const parse = (text: string) =>
      execute(checkpointctl, ['memparse', '--pid', String(found?.pid), '-s', text, join(folder, 'checkpoint.tar')]);
    expect((await parse(canary)).stdout).toContain(canary);
    expect((await parse(`not-${canary}`)).stdout).toContain('No matches');
  }
  const gdb = await have('gdb', skip);
  const root = join(home.home, 'root');
  mkdirSync(root);
  await execute('sh', ['-c', `docker export ${box.name('redis')} | tar -x -C ${root} --exclude=dev --exclude=proc --exclude=sys`]);
  const commands = [
    `set sysroot ${root}`,
    `file ${root}/usr/bin/redis-server`,
    `core-file ${join(home.home, 'redis/cores/core.1')}`,
    'backtrace',
  ];
  const { stdout } = await execute(gdb, ['-batch', '-nx', ...commands.flatMap((command) => ['-ex', command])]);
  expect(stdout).toMatch(/^#[0-9] .* in [a-z_]\w+ \(\)/im);
  expect(stdout).toMatch(/^#1 /m);
}, 180_000);

test('pulled back from the registry, the image has the planted file and lacks the deleted one; its copy is verified', async () => {
  const { box, home } = lab;
  const one = frozen.cases.find(({ container }) => container.name === box.name('redis'));
  const detail = JSON.parse((await home.call('evidence', 'show', one?.id ?? '', '--json')).stdout) as CaseDetail;
  const image = detail.images.find(({ name }) => name === 'filesystem');
  const reference = one?.push.reference ?? '';
  expect(image?.reference).toBe(reference);
  await docker('rmi', '-f', one?.committedImage ?? '');
  await docker('pull', '-q', reference);
  try {
    const look = ['sh', '-c', 'cat /planted; test -e /etc/group || echo deleted; test -e /etc/passwd && echo kept'];
    const seen = await docker('run', '--rm', '--label', box.label, '--network', 'none', '--entrypoint', 'env', reference, ...look);
    expect(seen).toBe('planted\ndeleted\nkept');
  } finally {
    await docker('rmi', '-f', reference);
  }
  const verified = JSON.parse((await home.call('evidence', 'verify', one?.id ?? '', '--json')).stdout) as CaseVerification;
  expect([verified.ok, verified.problems, verified.notes]).toEqual([true, [], []]);
  expect(readFileSync(join(home.home, 'redis/README.md'), 'utf8')).toContain(one?.id);
}, 60_000);

test('a safe kill through the command: not one write between the freeze and the end', async () => {
  const { box, home, freeze } = lab;
  await docker('volume', 'create', '--label', box.label, box.name('count'));
  const writer = [
    'sh',
    '-c',
    `trap 'echo term >> /count/n' TERM; ${'while :; do echo x >> /count/n; done & '.repeat(3)} while :; do echo y >> /count/n; done`,
  ];
  await box.runPlain('writer', '-v', `${box.name('count')}:/count`, '--', ...writer);
  const lines = async () =>
    Number(
      (
        await docker(
          'run',
          '--rm',
          '--label',
          box.label,
          '-v',
          `${box.name('count')}:/count`,
          'pitwall-fixture/busybox:1',
          'wc',
          '-l',
          '/count/n',
        )
      ).split(' ')[0],
    );
  await expect.poll(lines, { timeout: 20_000 }).toBeGreaterThan(1_000);
  const { exitCode, cases } = await freeze(box.name('writer'));
  expect(exitCode).toBe(0);
  const frozenAt = await lines();
  const released = await home.call('release', box.name('writer'), '--to', 'kill');
  expect([released.exitCode, released.stdout]).toEqual([0, `${box.name('writer')}: killed\n`]);
  expect([await stateOf(box.name('writer')), await lines()]).toEqual(['exited', frozenAt]);
  expect(lab.cases().find(({ id }) => id === cases[0]?.id)?.hold?.ending).toBe('killed');
  const again = await home.call('release', cases[0]?.id ?? '', '--to', 'resume');
  expect([again.exitCode, again.stderr]).toEqual([4, `error: ${box.name('writer')} is not held any more: killed\n`]);
  await lab.consistent();
}, 60_000);

test('of a set those that can be are frozen, one that is stopped is said', async () => {
  const { box, home, freeze } = lab;
  const project = ['--label', `com.docker.compose.project=${box.id}`];
  for (const name of ['one', 'two', 'three'])
    await box.runPlain(name, ...project, '--label', `com.docker.compose.service=${name}`, '--', ...busy);
  await docker('kill', box.name('three'));
  // a project is what runs of it
  const whole = await freeze('--compose', box.id, '--disposition', 'resume', '--memory', 'off');
  expect([whole.exitCode, whole.cases.map(({ container }) => container.name).toSorted()]).toEqual([0, [box.name('one'), box.name('two')]]);
  const unseen = await home.call('evidence', 'find', whole.cases[0]?.id ?? '', 'anything');
  expect([unseen.exitCode, unseen.stdout]).toEqual([3, expect.stringContaining('not searched  memory was not asked for')]);
  // named, it is missed
  const named = await freeze(box.name('one'), box.name('two'), box.name('three'), '--disposition', 'resume', '--memory', 'off');
  expect([named.exitCode, named.record.verdict, named.record.reason]).toEqual([
    1,
    'failed',
    `${box.name('three')} was not frozen: it is not running (exited)`,
  ]);
  expect(named.cases.map(({ container, state, hold }) => [container.name, state, hold?.ending]).toSorted()).toEqual([
    [box.name('one'), 'whole', 'resumed'],
    [box.name('two'), 'whole', 'resumed'],
  ]);
  expect(named.record.targets.find(({ name }) => name === box.name('three'))?.outcome).toBe('not frozen: it is not running (exited)');
  expect((await home.call('show', named.record.id, '--events')).stdout).toMatch(/ skew +2 frozen within/);
  await lab.consistent();
}, 60_000);
