import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { monotonicFactory } from 'ulid';
import type { Prober } from '../src/checks/prober/contract.ts';
import { openProber } from '../src/checks/prober/open-prober.ts';
import { systemClock } from '../src/clock.ts';
import { ensureHelperImage } from '../src/container/helper-image.ts';
import { Secret } from '../src/domain/secret.ts';
import { judgeOldLogin, judgeSession } from '../src/drills/secret-rotation/judge.ts';
import { connectEngine } from '../src/engine/connect.ts';
import { type Bare, bare, socketOf } from './bare.ts';
import { pitwall, timed } from './command.ts';
import { type BenchResult, within } from './result.ts';

const rounds = 5;
const openSessions = 50;
const everyMs = 100;
const mostMs = 250;

interface Times {
  readonly refused: number;
  readonly dead: number;
}

/** The drill against a script with the same SQL, told apart by the same probers: both see the last login and the last answer of a session. */
export async function bench(): Promise<BenchResult[]> {
  const socket = socketOf(process.env);
  const docker = bare(socket, 8);
  const home = mkdtempSync(join(tmpdir(), 'pitwall-bench-rotation-'));
  const name = `pitwall-bench-rot-${process.pid}`;
  const made: string[] = [];
  let network = '';
  try {
    network = (
      JSON.parse(await docker.call('POST', '/networks/create', { Name: name, Labels: { 'pitwall.test': 'bench-rotation' } })) as {
        Id: string;
      }
    ).Id;
    const scene = await build(docker, name, home, made);
    const pairs: { ours: Times; baseline: Times }[] = [];
    // the first makes the helper image, and does not count
    for (let round = -1; round < rounds; round++) {
      const pair = { baseline: await script(scene, socket, home), ours: await drill(scene, home, socket) };
      if (round >= 0) pairs.push(pair);
    }
    return (['refused', 'dead'] as const).map((what) =>
      within(
        `${what === 'refused' ? 'time_to_old_refused' : 'time_to_sessions_dead'} with ${openSessions} sessions open: later than the script's`,
        'ms',
        mostMs,
        pairs.map(({ ours, baseline }) => ours[what] - baseline[what]),
      ),
    );
  } finally {
    for (const id of made) await docker.call('DELETE', `/containers/${id}?force=1&v=1`);
    if (network !== '') await docker.call('DELETE', `/networks/${network}`);
    docker.close();
    rmSync(home, { recursive: true, force: true });
  }
}

interface Scene {
  readonly project: string;
  readonly db: { readonly id: string; readonly name: string; readonly address: string };
  readonly api: { readonly id: string; readonly name: string };
  readonly admin: string;
  readonly app: string;
}

async function build(docker: Bare, project: string, home: string, made: string[]): Promise<Scene> {
  const [admin, app] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  const folder = join(home, 'secrets');
  mkdirSync(folder);
  writeFileSync(join(folder, 'password'), `${app}\n`);
  const start = async (service: string, body: object) => {
    const Labels = {
      'pitwall.test': 'bench-rotation',
      'pitwall.drills': 'all',
      'com.docker.compose.project': project,
      'com.docker.compose.service': service,
    };
    const created = JSON.parse(
      await docker.call('POST', `/containers/create?name=${project}-${service}-1`, {
        Labels,
        ...body,
        HostConfig: { NetworkMode: project, Binds: [`${folder}:/run/secrets:ro`] },
      }),
    ) as { Id: string };
    made.push(created.Id);
    await docker.call('POST', `/containers/${created.Id}/start`);
    const { NetworkSettings } = JSON.parse(await docker.call('GET', `/containers/${created.Id}/json`)) as {
      NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
    };
    return { id: created.Id, name: `${project}-${service}-1`, address: NetworkSettings.Networks[project]?.IPAddress ?? '' };
  };
  const db = await start('db', {
    Image: 'pitwall-fixture/postgres:1',
    Env: [`POSTGRES_PASSWORD=${admin}`, 'POSTGRES_DB=shop', 'APP_ROLE=app', 'APP_PASSWORD_FILE=/run/secrets/password'],
  });
  const api = await start('api', { Image: 'pitwall-fixture/busybox:1' });
  for (let i = 0; ; i++) {
    try {
      await (await login(db.address, 'app', app)).end();
      break;
    } catch (error) {
      if (i > 300) throw error;
      await systemClock.sleep(100);
    }
  }
  return { project, db, api, admin, app };
}

async function login(host: string, user: string, password: string): Promise<pg.Client> {
  const client = new pg.Client({ host, port: 5432, database: 'shop', user, password });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** The role as it was at first, and its sessions open. */
async function restored({ db, admin, app }: Scene): Promise<pg.Client[]> {
  const client = await login(db.address, 'postgres', admin);
  await client.query(`ALTER ROLE app LOGIN PASSWORD '${app}'`);
  await client.end();
  return Promise.all(Array.from({ length: openSessions }, () => login(db.address, 'app', app)));
}

async function drill(scene: Scene, home: string, socket: string): Promise<Times> {
  const open = await restored(scene);
  writeFileSync(join(home, 'secrets', 'password'), `${scene.app}\n`);
  writeFileSync(
    join(home, 'pitwall.yaml'),
    `store: { path: ${join(home, 'pitwall.db')} }\nengines: [ { name: bench, host: "unix://${socket}", environment: ci } ]\n`,
  );
  writeFileSync(
    join(home, 'drill.yaml'),
    `name: leak
kind: secret-rotation
targets: { compose: { project: ${scene.project}, services: [db, api] } }
params:
  plan: leak
  system: postgresql
  server: { service: db, database: shop }
  admin: { password: { env: BENCH_ADMIN } }
  role: app
  credential: real
  observe: 300ms
  consumers: [{ service: api, deliver: { file: /run/secrets/password }, prove: { exec: ["true"] } }]
`,
  );
  const args = [pitwall, 'run', join(home, 'drill.yaml'), '--config', join(home, 'pitwall.yaml'), '--json'];
  const { stdout, exitCode } = await timed(args, { ...process.env, BENCH_ADMIN: scene.admin });
  await Promise.allSettled(open.map((client) => client.end()));
  const record = JSON.parse(stdout) as { reason: string; measurements: { name: string; value: number }[] };
  if (exitCode !== 0) throw new Error(`pitwall run answered ${exitCode}: ${record.reason}\n${stdout}`);
  const of = (name: string) => record.measurements.find((one) => one.name === name)?.value ?? Number.NaN;
  return { refused: of('time_to_old_refused'), dead: of('time_to_sessions_dead') };
}

async function script(scene: Scene, socket: string, home: string): Promise<Times> {
  const open = await restored(scene);
  const engine = connectEngine({ name: 'bench', host: `unix://${socket}`, environment: 'ci' }, { clock: systemClock });
  const runId = monotonicFactory()();
  const image = ensureHelperImage(engine, {
    cacheDir: join(home, 'helper'),
    instance: 'bench-rotation',
    now: Date.now(),
    log: () => undefined,
  });
  const probers: Prober[] = [];
  try {
    for (const { id, name } of [scene.api, scene.db])
      probers.push(
        await openProber(
          { id, name },
          { engine, clock: systemClock, signal: AbortSignal.timeout(120_000), runId, instance: 'bench-rotation', helperImage: () => image },
        ),
      );
    const door = { protocol: 'postgresql', host: scene.db.address, port: 5432, database: 'shop', user: 'app' } as const;
    const series = probers.flatMap((prober) =>
      (['login', 'session'] as const).map((mode) => ({
        mode,
        prober,
        series: prober.start({ door, secret: new Secret(scene.app), mode, everyMs, timeoutMs: 1_000 }),
      })),
    );
    while (!series.every((one) => one.series.samples().filter(({ answer }) => answer === 'accepted').length >= 5))
      await systemClock.sleep(20);
    const leakAt = performance.now();
    const client = await login(scene.db.address, 'postgres', scene.admin);
    await client.query('ALTER ROLE app NOLOGIN');
    await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
    await client.end();
    for (let i = 0; i < 100 && series.some((one) => one.series.samples().at(-1)?.answer === 'accepted'); i++) await systemClock.sleep(100);
    await systemClock.sleep(500);
    await Promise.all(series.map((one) => one.series.stop()));
    const span = { leakAt, endAt: performance.now(), freshMs: 2_000 };
    const times = { refused: 0, dead: 0 };
    for (const one of series) {
      const beside = series
        .filter(({ mode, prober }) => mode === 'login' && prober === one.prober)
        .flatMap((other) => other.series.samples());
      const judged = one.mode === 'login' ? judgeOldLogin(one.series.samples(), span) : judgeSession(one.series.samples(), beside, span);
      if (judged.at === null) throw new Error(`the script's ${one.mode}: ${judged.why}`);
      const key = one.mode === 'login' ? 'refused' : 'dead';
      times[key] = Math.max(times[key], judged.at - leakAt);
    }
    return times;
  } finally {
    await Promise.all(probers.map((prober) => prober.close()));
    await Promise.allSettled(open.map((client) => client.end()));
    await engine.close();
  }
}
