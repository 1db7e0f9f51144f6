import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Door, SeriesSpec } from '../src/checks/prober/contract.ts';
import { openProber, type ProberScope } from '../src/checks/prober/open-prober.ts';
import { systemClock } from '../src/clock.ts';
import { startHelper } from '../src/container/helper-container.ts';
import { ensureHelperImage } from '../src/container/helper-image.ts';
import { nodePath } from '../src/container/node-runtime.ts';
import { noRun } from '../src/container/own.ts';
import type { Engine } from '../src/domain/engine.ts';
import { newSecret, type Secret } from '../src/domain/secret.ts';
import { connectEngine } from '../src/engine/connect.ts';
import { bareLoop } from './probers-bare.ts';
import { type BenchResult, compared, percentile, within } from './result.ts';

const rounds = 5;
const points = 20;
const everyMs = 100;
/** Until the code is compiled and connections have been made a few times. */
const warmMs = 3_000;
const windowMs = 8_000;
const label = { 'pitwall.test': 'bench-probers' };

interface Round {
  /** CPU time of the container by attempt, ms: the servers' own is not in it. */
  readonly cpuMs: number;
  readonly lateMs: number;
}

/**
 * 20 logins every 100 ms, 10 users of one PostgreSQL and 10 of one Redis, each a new connection that asks one thing and leaves. By a prober, and by a loop of the
 * same calls with a timer each and nothing else, in a container of the same image, limits and network. Lateness: from when a slot was due until the first attempt
 * that began at or after it, so that slots which were left out count as late; up to where Pitwall can read it, in Pitwall's own time.
 */
export async function bench(): Promise<BenchResult[]> {
  const engine = connectEngine(
    { name: 'bench', host: process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock', environment: 'local' },
    { clock: systemClock },
  );
  const mark = `pitwall-bench-probers-${process.pid}`;
  const instance = mark;
  const made: string[] = [];
  try {
    const { reference } = await ensureHelperImage(engine, { cacheDir: '/nonexistent', instance, now: Date.now() });
    const secret = newSecret();
    await engine.createNetwork(mark, { Labels: label });
    const run = async (name: string, image: string, more: object) => {
      const { id } = await engine.create(`${mark}-${name}`, { Image: image, Labels: label, HostConfig: { NetworkMode: mark }, ...more });
      made.push(id);
      await engine.start(id);
      return id;
    };
    await run('db', 'pitwall-fixture/postgres:1', { Env: [`POSTGRES_PASSWORD=${secret.reveal()}`] });
    await run('cache', 'pitwall-fixture/redis:1', { Env: [`REDIS_ADMIN_PASSWORD=${secret.reveal()}`] });
    const from = { id: await run('from', 'pitwall-fixture/busybox:1', {}), name: `${mark}-from` };
    const scope: ProberScope = {
      engine,
      clock: systemClock,
      helperImage: () => Promise.resolve({ reference }),
      runId: noRun,
      instance,
      signal: new AbortController().signal,
    };
    const doors = await prepare(mark, secret, from, scope);
    const seen: { ours: Round; bare: { readonly cpuMs: number } }[] = [];
    for (let round = 0; round < rounds; round++) {
      const ours = await probed(doors, secret, from, scope);
      seen.push({ ours, bare: await looped(doors, secret, from.id, { engine, image: reference, instance }) });
    }
    return [
      within(
        `lateness p99 of ${points} points at ${everyMs} ms (budget 30 ms), slots left out included`,
        'ms',
        30,
        seen.map(({ ours }) => ours.lateMs),
      ),
      compared(
        'CPU of the container by attempt, against a bare loop of the same calls',
        'ms',
        1.3,
        seen.map(({ ours, bare }) => ({ ours: ours.cpuMs, baseline: bare.cpuMs })),
      ),
    ];
  } finally {
    for (const id of made) await engine.remove(id, { force: true, anonymousVolumes: true });
    await engine.removeNetwork(mark);
    await engine.close();
  }
}

async function prepare(mark: string, secret: Secret, from: { id: string; name: string }, scope: ProberScope): Promise<Door[]> {
  await using prober = await openProber(from, scope);
  const db = (user: string): Door => ({ protocol: 'postgresql', host: `${mark}-db`, port: 5432, database: 'postgres', user });
  const cache = (user: string | null): Door => ({ protocol: 'redis', host: `${mark}-cache`, port: 6379, user });
  const names = Array.from({ length: points / 2 }, (_, i) => `point_${i}_${randomBytes(2).toString('hex')}`);
  const roles = names.map((name) => ({ text: `CREATE ROLE ${name} LOGIN PASSWORD '${secret.reveal()}'` }));
  const users = names.map((name) => ({ text: 'ACL', values: ['SETUSER', name, 'on', `>${secret.reveal()}`, '+ping'] }));
  for (const [door, commands] of [
    [db('postgres'), roles],
    [cache(null), users],
  ] as const) {
    for (let i = 0; ; i++) {
      const answers = await prober.command(door, secret, commands);
      if (answers.every(({ ok }) => ok)) break;
      if (i > 100) throw new Error(`the servers of the bench do not come up: ${JSON.stringify(answers.at(-1))}`);
      await sleep(200);
    }
  }
  return names.flatMap((name) => [db(name), cache(name)]);
}

async function probed(doors: readonly Door[], secret: Secret, from: { id: string; name: string }, scope: ProberScope): Promise<Round> {
  // which container it is, for its usage
  const before = new Set((await scope.engine.list({ labels: [`pitwall.instance=${scope.instance}`] })).map(({ id }) => id));
  await using prober = await openProber(from, scope);
  const helper = (await scope.engine.list({ labels: [`pitwall.instance=${scope.instance}`] })).find(({ id }) => !before.has(id));
  if (helper === undefined) throw new Error('the prober has no container');
  const series = doors.map((door) => {
    const spec: SeriesSpec = { door, secret, mode: 'login', everyMs, timeoutMs: 2_000 };
    return prober.start(spec);
  });
  await sleep(warmMs);
  const cpu = await cpuOf(scope.engine, helper.id);
  const begun = performance.now();
  await sleep(windowMs);
  const used = (await cpuOf(scope.engine, helper.id)) - cpu;
  const ended = performance.now();
  await sleep(500);
  const late: number[] = [];
  let attempts = 0;
  for (const one of series) {
    const all = one.samples();
    const bad = all.find(({ answer }) => answer !== 'accepted');
    if (bad !== undefined) throw new Error(`an attempt of the bench came to ${bad.answer} (${bad.code})`);
    attempts += all.filter(({ startedAt }) => startedAt >= begun && startedAt < ended).length;
    // the first begins at once, and its own beat with the second
    const beat = all[1]?.dueAt ?? Number.NaN;
    let next = 0;
    for (let due = beat; due < ended; due += everyMs) {
      // instants are rounded to 10 µs
      while (next < all.length && (all[next]?.startedAt ?? 0) < due - 0.1) next++;
      if (due >= begun) late.push(Math.max(0, (all[next]?.startedAt ?? Number.POSITIVE_INFINITY) - due));
    }
  }
  return { cpuMs: used / attempts, lateMs: percentile(late, 0.99) };
}

async function looped(
  doors: readonly Door[],
  secret: Secret,
  networkContainer: string,
  { engine, image, instance }: { readonly engine: Engine; readonly image: string; readonly instance: string },
): Promise<{ readonly cpuMs: number }> {
  const work = { command: [nodePath, '--input-type=commonjs', '-e', bareLoop] };
  await using helper = await startHelper(engine, {
    image,
    runId: noRun,
    instance,
    role: 'bench',
    work,
    networkContainer,
    expiresMs: 120_000,
    now: Date.now(),
    endsWithPitwall: true,
    env: ['UV_THREADPOOL_SIZE=8'],
  });
  const lines = helper.output[Symbol.asyncIterator]();
  const count = async (text: string) => {
    helper.write(`${text}\n`);
    const { value } = await lines.next();
    return JSON.parse(value?.line ?? 'null') as { done: number; failed: number };
  };
  await count(JSON.stringify({ doors, secret: secret.reveal(), everyMs }));
  await sleep(warmMs);
  const first = await count('count');
  const cpu = await cpuOf(engine, helper.id);
  await sleep(windowMs);
  const used = (await cpuOf(engine, helper.id)) - cpu;
  const last = await count('count');
  if (last.failed > 0) throw new Error(`${last.failed} attempts of the bare loop failed`);
  return { cpuMs: used / (last.done - first.done) };
}

async function cpuOf(engine: Engine, id: string): Promise<number> {
  const { cpuNs } = await engine.usage(id);
  if (cpuNs === null) throw new Error('the engine does not say how much CPU time a container used');
  return cpuNs / 1e6;
}
