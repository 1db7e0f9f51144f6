import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { singleLookup } from '../../src/checks/lookup.ts';
import { carryOut } from '../../src/checks/prober/attempts.ts';
import type { Prober } from '../../src/checks/prober/contract.ts';
import type { ContainerInspect } from '../../src/domain/engine/containers.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { SystemScope } from '../../src/drills/secret-rotation/system.ts';
import { fields, type Params, postgresql } from '../../src/drills/secret-rotation/systems/postgresql/index.ts';
import { never, realClock } from '../checks/scope.ts';
import { connect } from '../helper/lab.ts';
import { docker } from '../support/containers.ts';

const mark = `pgguard${randomBytes(4).toString('hex')}`;
const passwords: Readonly<Record<string, string>> = {
  ADMIN: randomBytes(16).toString('hex'),
  MAKER: randomBytes(16).toString('hex'),
  APP: randomBytes(16).toString('hex'),
};
const leakReal = { plan: 'leak', credential: 'real' } as const;
const plannedReal = { plan: 'planned', credential: 'real' } as const;
const leakCanary = { plan: 'leak', credential: 'canary' } as const;

let engine: Engine;
let db: ContainerInspect;
let host = '';
let admin: pg.Client;

const client = (user: string, password: string, at = host) => new pg.Client({ host: at, user, password, database: 'postgres' });
async function letsIn(user: string, password: string, at = host): Promise<boolean> {
  const one = client(user, password, at);
  return one.connect().then(
    () => one.end().then(() => true),
    (error: { code?: string }) => {
      if (error.code === '28P01' || error.code === '28000') return false;
      throw error;
    },
  );
}
const sql = async (text: string) => (await admin.query(text)).rows;
/** All roles but the server's own, with what is kept of their passwords. */
const world = async () => sql("SELECT rolname, rolcanlogin, rolpassword FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY 1");

beforeAll(async () => {
  engine = connect();
  const label = `pitwall.test=${mark}`;
  await docker('run', '-d', '--name', mark, '--label', label, '-e', `POSTGRES_PASSWORD=${passwords.ADMIN}`, 'pitwall-fixture/postgres:1');
  db = await engine.inspect(mark);
  host = Object.values(db.NetworkSettings.Networks)[0]?.IPAddress ?? '';
  for (let i = 0; i < 200; i++) {
    admin = client('postgres', passwords.ADMIN ?? '');
    const up = await admin.connect().then(
      () => true,
      () => false,
    );
    if (up) break;
    await sleep(100);
  }
  await sql(`CREATE ROLE maker LOGIN CREATEROLE PASSWORD '${passwords.MAKER}'`);
  await sql(`CREATE ROLE app LOGIN PASSWORD '${passwords.APP}'`);
}, 60_000);
afterAll(async () => {
  await admin?.end();
  await docker('rm', '-f', '-v', mark);
  await engine?.close();
});
afterEach(async () => {
  for (const { rolname } of await sql("SELECT rolname FROM pg_roles WHERE rolname LIKE 'pitwall%' OR rolname = 'app_b'")) {
    await sql(`DROP OWNED BY "${rolname}"`);
    await sql(`DROP ROLE "${rolname}"`);
  }
  await sql(`ALTER ROLE app LOGIN PASSWORD '${passwords.APP}'`);
});

/** The commands of the real prober, from here: the server's network can be reached. */
function scopeOf(
  kind: Pick<SystemScope, 'plan' | 'credential'>,
  services: Readonly<Record<string, readonly ContainerInspect[]>> = { db: [db] },
) {
  const prober = {
    command: (door, secret, commands, { timeoutMs = 10_000 } = {}) =>
      carryOut({ do: 'command', id: 1, door, secret: secret.reveal(), commands, timeoutMs }, { lookup: singleLookup() }),
  } as Partial<Prober> as Prober;
  const scope: SystemScope = {
    ...kind,
    engine,
    clock: realClock,
    signal: never,
    runId: `01JD${randomBytes(11).toString('hex').toUpperCase()}`,
    instance: mark,
    service: async (name) => services[name] ?? [],
    others: async () => [],
    held: async () => null,
    prober: async () => prober,
    helperImage: () => Promise.reject(new Error('a helper was asked for')),
    secret: (ref) => new Secret(passwords['env' in ref ? ref.env : ''] ?? ''),
    event: () => undefined,
    notTaken: () => undefined,
  };
  return scope;
}

function paramsOf(given: Record<string, unknown> = {}): Params {
  return z.strictObject(fields).parse({
    server: { service: 'db' },
    admin: { password: { env: 'ADMIN' } },
    role: 'app',
    current: { env: 'APP' },
    ...given,
  }) as Params;
}

async function open(kind: Pick<SystemScope, 'plan' | 'credential'>, given: Record<string, unknown> = {}, servers = [db]) {
  const [params, scope] = [paramsOf(given), scopeOf(kind, { db: servers })];
  return { ...(await postgresql.open(params, scope)), params, scope };
}

describe('it is refused, and nothing is changed,', () => {
  test.for<readonly [string, Pick<SystemScope, 'plan' | 'credential'>, Record<string, unknown>, string, string?]>([
    ["for the admin's own role", leakReal, { role: 'postgres' }, 'role_is_admin'],
    ['when the admin would take its turn', plannedReal, { alternate: 'postgres' }, 'role_is_admin'],
    ['for a role that cannot log in', leakReal, {}, 'role_off', 'ALTER ROLE app NOLOGIN'],
    ['when both of two that take turns can log in', plannedReal, { alternate: 'app_b' }, 'alternate_in_use', 'CREATE ROLE app_b LOGIN'],
    [
      'when the admin may make roles, but not with these rights',
      leakCanary,
      { admin: { user: 'maker', password: { env: 'MAKER' } } },
      'admin_rights',
    ],
    [
      'when another rotation is about the second role',
      plannedReal,
      { alternate: 'app_b' },
      'under_way',
      `CREATE ROLE pitwall_0; COMMENT ON ROLE pitwall_0 IS 'pitwall, for role "x" and "app_b", run 1'`,
    ],
  ])('%s', async ([, kind, given, code, before = 'SELECT']) => {
    await sql(before);
    const roles = await world();
    await expect(open(kind, given)).rejects.toMatchObject({ code, exitCode: 4 });
    expect(await world()).toEqual(roles);
  });

  test('when the second of two has a session although it cannot log in any more', async () => {
    await sql("CREATE ROLE app_b LOGIN PASSWORD 'b'");
    const session = client('app_b', 'b');
    await session.connect();
    await sql('ALTER ROLE app_b NOLOGIN');
    await expect(open(plannedReal, { alternate: 'app_b' })).rejects.toMatchObject({ code: 'alternate_in_use' });
    await session.end();
  });
});

test('of two that looked at the same moment not both go on, and who steps back leaves the other as it is', async () => {
  const [first, second] = [await open(leakReal), await open(leakReal)];
  const old = await first.rotation.prepare();
  await first.rotation.refuse();
  await expect(second.rotation.prepare()).rejects.toMatchObject({ code: 'under_way' });
  const fresh = await first.rotation.issue();
  expect(await (await postgresql.reopen(second.params, second.data, second.scope)).rollback()).toEqual([]);
  expect([await letsIn('app', old.secret.reveal()), await letsIn('app', fresh.secret.reveal())]).toEqual([false, true]);
  expect(await first.rotation.clear()).toEqual([]);
});

test('a canary steps back as well, and is gone', async () => {
  const [first, second] = [await open(leakCanary), await open(leakCanary)];
  await first.rotation.prepare();
  const roles = await world();
  await expect(second.rotation.prepare()).rejects.toMatchObject({ code: 'under_way' });
  expect(await world()).toEqual(roles);
  expect(await first.rotation.rollback()).toEqual([]);
});

describe('an undo', () => {
  test('needs no pooler and no standby, and tells which server was not there', async () => {
    const roles = await world();
    const { rotation, data, params, scope } = await open(leakReal);
    await rotation.prepare();
    await rotation.refuse();
    await rotation.issue();
    const later = {
      ...data,
      servers: [
        ...(data.servers as { id: string; name: string; standby: boolean }[]),
        { id: 'f'.repeat(64), name: 'standby-1', standby: true },
        { id: 'e'.repeat(64), name: 'primary-2', standby: false },
      ],
    };
    const reopened = await postgresql.reopen({ ...params, points: [{ service: 'pooler', port: 6_432 }] }, later, scope);
    expect(await reopened.rollback()).toEqual([expect.stringMatching(/^primary-2 does not run, .*pitwall recover$/)]);
    expect(await letsIn('app', passwords.APP ?? '')).toBe(true);
    const again = await postgresql.reopen(params, data, scope);
    expect([await again.rollback(), await again.withdraw?.()]).toEqual([[], []]);
    expect(await world()).toEqual(roles);
  });

  test('says that nothing was put back when what had been kept is gone, and leaves the rest', async () => {
    const { rotation, data, params, scope } = await open(plannedReal, { alternate: 'app_b' });
    await rotation.prepare();
    const fresh = await rotation.issue();
    await rotation.refuse();
    for (const { rolname } of await sql("SELECT rolname FROM pg_roles WHERE rolname LIKE 'pitwall%'")) await sql(`DROP ROLE "${rolname}"`);
    const left = await (await postgresql.reopen(params, data, scope)).rollback();
    expect(left).toEqual([expect.stringMatching(/app cannot log in, and pitwall_\w+_parked, .* is gone/)]);
    expect(await letsIn('app_b', fresh.secret.reveal())).toBe(true);
  });

  test('lets the new one work until the consumers have the old one again', async () => {
    await sql("CREATE ROLE app_b NOLOGIN PASSWORD 'before'");
    const roles = await world();
    const { rotation, data, params, scope } = await open(plannedReal, { alternate: 'app_b' });
    await rotation.prepare();
    const fresh = await rotation.issue();
    await rotation.refuse();
    const undo = await postgresql.reopen(params, data, scope);
    const both = async () => [await letsIn('app', passwords.APP ?? ''), await letsIn('app_b', fresh.secret.reveal())];
    expect([await undo.rollback(), await both()]).toEqual([[], [true, true]]);
    expect([await undo.withdraw?.(), await both()]).toEqual([[], [true, false]]);
    expect(await world()).toEqual(roles);
    expect([await undo.rollback(), await undo.withdraw?.()]).toEqual([[], []]);
    expect(await world()).toEqual(roles);
  });
});

test('an admin who may hand out the role and has not its rights makes the canary, rotates it and takes it away', async () => {
  await sql('GRANT app TO maker WITH ADMIN TRUE, INHERIT FALSE, SET FALSE');
  const roles = await world();
  const { rotation } = await open(leakCanary, { admin: { user: 'maker', password: { env: 'MAKER' } } });
  const old = await rotation.prepare();
  const thief = client(old.user ?? '', old.secret.reveal());
  const ended = new Promise<string | undefined>((resolve) => thief.on('error', (error: Error & { code?: string }) => resolve(error.code)));
  await thief.connect();
  await rotation.refuse();
  expect([await rotation.endSessions(), await ended]).toEqual([{ notAllowed: null }, '57P01']);
  const fresh = await rotation.issue();
  expect([await letsIn(old.user ?? '', old.secret.reveal()), await letsIn(fresh.user ?? '', fresh.secret.reveal())]).toEqual([false, true]);
  expect(await rotation.rollback()).toEqual([]);
  expect(await world()).toEqual(roles);

  // what belongs to nobody need not be given away, which this one may not
  await sql('ALTER ROLE maker NOINHERIT');
  const idle = await open(leakCanary, { admin: { user: 'maker', password: { env: 'MAKER' } } });
  await idle.rotation.prepare();
  expect([await idle.rotation.rollback(), await world()]).toEqual([[], roles]);
  await sql('REVOKE app FROM maker');
});

test('a session that a thief opens at a standby which lags behind is one of the old password', async () => {
  const { container, address, query, remove } = await standby();
  try {
    const { rotation, scope } = await open(leakCanary, {}, [db, container]);
    const events: string[] = [];
    Object.assign(scope, { event: (type: string) => events.push(type) });
    const old = await rotation.prepare();
    await expect.poll(() => query(`SELECT FROM pg_roles WHERE rolname = '${old.user}'`), { timeout: 10_000 }).toHaveLength(1);
    await query('SELECT pg_wal_replay_pause()');
    await expect.poll(() => query('SELECT pg_get_wal_replay_pause_state() AS is'), { timeout: 10_000 }).toEqual([{ is: 'paused' }]);
    await rotation.refuse();
    await rotation.endSessions();
    const fresh = await rotation.issue();
    expect(events).toEqual(['standby_behind']);
    const thief = client(old.user ?? '', old.secret.reveal(), address);
    const ended = new Promise<string | undefined>((resolve) =>
      thief.on('error', (error: Error & { code?: string }) => resolve(error.code)),
    );
    await thief.connect();
    expect(await rotation.sessionsLeft()).toEqual([{ point: expect.stringContaining('standby'), client: expect.any(String) }]);
    await query('SELECT pg_wal_replay_resume()');
    await expect.poll(() => letsIn(old.user ?? '', old.secret.reveal(), address), { timeout: 10_000 }).toBe(false);
    expect([await rotation.endSessions(), await ended]).toEqual([{ notAllowed: null }, '57P01']);
    const consumer = client(fresh.user ?? '', fresh.secret.reveal(), address);
    await consumer.connect();
    expect([await rotation.endSessions(), await rotation.sessionsLeft()]).toEqual([{ notAllowed: null }, []]);
    await consumer.query('SELECT');
    await consumer.end();
    expect(await rotation.clear()).toEqual([]);
  } finally {
    await remove();
  }
});

/** A streaming one, of the server of these tests. */
async function standby() {
  const name = `${mark}-standby`;
  await docker('exec', mark, 'sh', '-c', 'echo "host replication all all scram-sha-256" >> /var/lib/postgresql/data/pg_hba.conf');
  await sql('SELECT pg_reload_conf()');
  const script = `umask 077; export PATH=$PATH:$(echo /usr/lib/postgresql/*/bin)
    pg_basebackup -h ${host} -U postgres -D /tmp/standby -R -X stream --checkpoint=fast
    exec postgres -D /tmp/standby -c listen_addresses='*' -c unix_socket_directories=/tmp`;
  const env = ['-e', `PGPASSWORD=${passwords.ADMIN}`];
  await docker(
    'run',
    '-d',
    '--name',
    name,
    '--label',
    `pitwall.test=${mark}`,
    ...env,
    '--entrypoint',
    'sh',
    'pitwall-fixture/postgres:1',
    '-c',
    script,
  );
  const container = await engine.inspect(name);
  const address = Object.values(container.NetworkSettings.Networks)[0]?.IPAddress ?? '';
  const asked = async (text: string) => {
    const one = client('postgres', passwords.ADMIN ?? '', address);
    await one.connect();
    try {
      return (await one.query(text)).rows;
    } finally {
      await one.end();
    }
  };
  await expect.poll(() => asked('SELECT pg_is_in_recovery() AS is').catch(() => null), { timeout: 30_000 }).toEqual([{ is: true }]);
  return { container, address, query: asked, remove: () => docker('rm', '-f', '-v', name) };
}
