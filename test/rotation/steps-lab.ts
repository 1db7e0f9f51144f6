import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { z } from 'zod';
import type { Prober } from '../../src/checks/prober/contract.ts';
import { openProber } from '../../src/checks/prober/open-prober.ts';
import type { ContainerInspect } from '../../src/domain/engine/containers.ts';
import { InvalidError } from '../../src/domain/errors.ts';
import { newSecret, type Secret } from '../../src/domain/secret.ts';
import type { SystemScope } from '../../src/drills/secret-rotation/system.ts';
import { fields, type Params } from '../../src/drills/secret-rotation/systems/steps/index.ts';
import { realClock } from '../checks/scope.ts';
import { openLab } from '../helper/lab.ts';

export type StepsLab = Awaited<ReturnType<typeof openStepsLab>>;

/** A PostgreSQL, a service that makes and drops its roles over HTTP, and two replicas of something else. */
export async function openStepsLab() {
  const lab = await openLab('steps');
  const { reference } = await lab.image({ build: await lab.build() });
  const network = `${lab.mark}-net`;
  await lab.network('net');
  const admin = newSecret();
  const token = newSecret();
  const HostConfig = { NetworkMode: network };
  const serve = (name: string, body: object) => lab.run(name, { Image: 'pitwall-demo/shop:1', HostConfig, ...body });
  const [db, creds, one, two] = await Promise.all([
    lab.run('db', { Image: 'pitwall-fixture/postgres:1', Env: [`POSTGRES_PASSWORD=${admin.reveal()}`], HostConfig }),
    serve('creds', {
      Entrypoint: ['node', '-e', credentialService],
      Env: [`PGHOST=${lab.mark}-db`, 'PGUSER=postgres', `PGPASSWORD=${admin.reveal()}`, `TOKEN=${token.reveal()}`],
      ExposedPorts: { '8200/tcp': {} },
      HostConfig: { ...HostConfig, PortBindings: { '8200/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } },
    }),
    lab.run('one', { HostConfig }),
    lab.run('two', { HostConfig }),
  ]);
  const services: Readonly<Record<string, readonly string[]>> = { db: [db], creds: [creds], pair: [one, two] };
  const probers = new Map<string, Promise<Prober>>();
  /** What the drill's references name. */
  const given: Record<string, Secret> = { TOKEN: token };
  const events: string[] = [];

  const scopeOf = (over: Partial<SystemScope> = {}): SystemScope => ({
    engine: lab.engine,
    clock: realClock,
    signal: new AbortController().signal,
    // of its own for each scope: what the steps make is named after it
    runId: ulid(),
    instance: lab.instance,
    plan: 'leak',
    credential: 'canary',
    async service(name) {
      const all = await Promise.all((services[name] ?? []).map((id) => lab.engine.inspect(id)));
      return all.filter(({ State }) => State.Running);
    },
    others: async () => [],
    held: async () => null,
    prober({ Id, Name }) {
      const opened = probers.get(Id) ?? openProber({ id: Id, name: Name }, { ...scopeOf(), signal: new AbortController().signal });
      probers.set(Id, opened);
      return opened;
    },
    helperImage: () => Promise.resolve({ reference }),
    secret(ref, what) {
      const value = 'env' in ref ? given[ref.env] : undefined;
      if (value === undefined) throw new InvalidError('no_secret', `${what} is not there`);
      return value;
    },
    event: (type, message) => events.push(`${type} ${message}`),
    notTaken: (_points, why) => events.push(`not-taken ${why}`),
    ...over,
  });

  const sql = async (text: string): Promise<string> => {
    const { stdout, stderr, exitCode } = await lab.engine.exec(db, ['psql', '-X', '-qAt', '-h', '/tmp', '-U', 'postgres'], { stdin: text });
    if (exitCode !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  for (let i = 0; ; i++) {
    // only the last of its starts listens where this asks
    const up = await lab.engine.exec(db, ['pg_isready', '-q', '-h', `${lab.mark}-db`]);
    if (up.exitCode === 0) break;
    if (i > 200) throw new Error('PostgreSQL does not come up');
    await sleep(100);
  }
  const published = async () => {
    const { NetworkSettings } = (await lab.engine.inspect(creds)) as ContainerInspect & {
      NetworkSettings: { Ports: Record<string, { HostPort: string }[]> };
    };
    return `http://127.0.0.1:${NetworkSettings.Ports['8200/tcp']?.[0]?.HostPort}`;
  };

  return {
    lab,
    ids: { db, creds, one, two },
    given,
    events,
    scopeOf,
    sql,
    /** The service's address from here, and from inside its network. */
    here: await published(),
    inside: `http://${lab.mark}-creds:8200`,
    params: (steps: object, rest: object = {}): Params => {
      const points = [{ service: 'db', port: 5432, protocol: 'postgresql', database: 'postgres' }];
      const read = (field: z.ZodType, value: unknown) => field.parse(value) as never;
      const all = { points, ...rest } as Record<string, unknown>;
      return { steps: read(fields.steps, steps), points: read(fields.points, all.points), current: read(fields.current, all.current) };
    },
    /** Roles that are not PostgreSQL's own, sorted. */
    roles: async () =>
      (await sql("SELECT rolname FROM pg_roles WHERE rolname !~ '^(pg_|postgres$)' ORDER BY 1")).split('\n').filter(Boolean),
    async close() {
      for (const prober of probers.values()) await (await prober).close();
      await lab.close();
    },
  };
}

/**
 * Answers as the database secrets engine of Vault's HTTP API does, for one role: https://developer.hashicorp.com/vault/api-docs/secret/databases and
 * /v1/sys/leases. Its users are roles of the PostgreSQL.
 */
const credentialService = `const http = require('node:http');
const { randomBytes } = require('node:crypto');
const pg = require('pg');
const leases = new Map();
const sql = async (...texts) => {
  const client = new pg.Client();
  await client.connect();
  try { for (const text of texts) await client.query(text); } finally { await client.end(); }
};
const drop = async (user) => gone(sql(
  'ALTER ROLE "' + user + '" NOLOGIN',
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + user + "'",
  'DROP ROLE "' + user + '"'));
const gone = (work) => work.catch((error) => { if (error.code !== '42704') throw error; });
const routes = {
  async 'GET /v1/database/creds/app'() {
    const username = 'v-app-' + randomBytes(6).toString('hex'), password = randomBytes(15).toString('base64url');
    await sql('CREATE ROLE "' + username + '" LOGIN PASSWORD ' + "'" + password + "'");
    const lease_id = 'database/creds/app/' + randomBytes(12).toString('hex');
    leases.set(lease_id, username);
    return [200, { lease_id, data: { username, password } }];
  },
  async 'PUT /v1/sys/leases/revoke'({ lease_id }) {
    if (!leases.has(lease_id)) return [400, { errors: ['invalid lease'] }];
    await drop(leases.get(lease_id));
    leases.delete(lease_id);
    return [204];
  },
  async 'PUT /v1/sys/leases/revoke-prefix/database/creds/app'() {
    for (const [id, user] of leases) { await drop(user); leases.delete(id); }
    return [204];
  },
  'GET /hang': () => new Promise(() => {}),
  'GET /garbage': async () => [200, null, 'hunter2 is no JSON'],
  'GET /much': async () => [200, null, JSON.stringify({ user: 'u', secret: 'hunter2', x: 'x'.repeat(100000) })],
  'GET /broken': async () => [500, { errors: ['hunter2'] }],
  'GET /moved': async () => [302, null, '', { location: '/v1/database/creds/app' }],
};
http.createServer((request, response) => {
  let text = '';
  request.on('data', (data) => (text += data)).on('end', async () => {
    if (request.headers['x-vault-token'] !== process.env.TOKEN) return response.writeHead(403).end('{"errors":["permission denied: hunter2"]}');
    const route = routes[request.method + ' ' + request.url];
    const [status, body, raw, headers] = route ? await route(JSON.parse(text || '{}')).catch(() => [500]) : [404];
    response.writeHead(status, headers).end(raw ?? (body ? JSON.stringify(body) : undefined));
  });
}).listen(8200);`;
