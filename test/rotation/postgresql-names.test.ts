import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSecret } from '../../src/domain/secret.ts';
import { scramVerifier } from '../../src/drills/secret-rotation/systems/postgresql/scram.ts';
import {
  dropRole,
  identifier,
  lookAtRoles,
  makeRole,
  parkVerifier,
  restoreVerifier,
} from '../../src/drills/secret-rotation/systems/postgresql/sql.ts';
import { docker } from '../support/containers.ts';

const name = `pgnames${randomBytes(4).toString('hex')}`;
const note = 'pitwall, for role app, run 01';
const sql = (statements: string | readonly string[], user = 'postgres') =>
  docker(
    'exec',
    name,
    'psql',
    '-X',
    '-v',
    'ON_ERROR_STOP=1',
    '-h',
    '/tmp',
    '-U',
    user,
    '-d',
    'postgres',
    '-Atq',
    ...[statements].flat().flatMap((one) => ['-c', one]),
  );
const verifier = () => scramVerifier(newSecret());
const kept = async (role: string) =>
  sql(`SELECT rolpassword || rolcanlogin FROM pg_authid WHERE rolname = E'${role.replaceAll("'", "''")}'`);

beforeAll(async () => {
  await docker('run', '-d', '--name', name, '--label', `pitwall.test=${name}`, 'pitwall-fixture/postgres:1');
  // not the server that only sets the database up: that one listens to its socket alone
  const ready = () => docker('exec', name, 'pg_isready', '-q', '-h', '127.0.0.1').then(() => true);
  while (!(await ready().catch(() => false))) await sleep(100);
  await sql('CREATE ROLE app LOGIN');
}, 60_000);
afterAll(() => docker('rm', '-f', '-v', name));

test.for(['a$$b', 'a$park$; DROP ROLE app', 'x"; DROP ROLE app; --', `q'u"o;te\\`, 'a,b', 'rôle ü', 'r'.repeat(63)])(
  'a role with the name %s is copied, kept and put back, and nothing else',
  async (role) => {
    const before = verifier();
    await sql(`CREATE ROLE ${identifier(role)} LOGIN PASSWORD '${before}'`);
    await sql([makeRole('pitwall_canary', verifier(), role, note), parkVerifier(role, 'pitwall_parked', note)]);
    await sql([`ALTER ROLE ${identifier(role)} NOLOGIN PASSWORD NULL`, restoreVerifier(role, 'pitwall_parked')]);
    await sql(['pitwall_canary', 'pitwall_parked'].flatMap((one) => dropRole(one, role, note)));
    const asked = lookAtRoles.replace('$1', () => `E'${JSON.stringify([role]).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`);
    expect(await sql(asked)).toMatch(/^[^\n]*\|t\|\|f$/);
    expect(await kept(role.replaceAll('\\', '\\\\'))).toBe(`${before}true`);
    await sql(`DROP ROLE ${identifier(role)}`);
  },
);

test('a role that somebody else made is neither taken over nor dropped', async () => {
  const before = verifier();
  await sql(`CREATE ROLE reports LOGIN PASSWORD '${before}'`);
  await expect(sql(makeRole('reports', verifier(), 'app', note))).rejects.toThrow('duplicate_object');
  await sql(dropRole('reports', 'app', note));
  expect(await kept('reports')).toBe(`${before}true`);
});

test('an admin who is no superuser can end what the canary has open, and clear it away with what it owns', async () => {
  await sql(['CREATE ROLE maker LOGIN CREATEROLE', 'GRANT app TO maker WITH ADMIN OPTION', 'GRANT CREATE ON SCHEMA public TO PUBLIC']);
  await sql(makeRole('pitwall_canary', verifier(), 'app', note), 'maker');
  await sql('CREATE TABLE owned (a int)', 'pitwall_canary');
  const session = sql('SELECT pg_sleep(60)', 'pitwall_canary').catch(() => 'ended');
  const open = () => sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'");
  await expect.poll(open).toBe('1');
  await sql(dropRole('pitwall_canary', 'app', note), 'maker');
  expect(await session).toBe('ended');
  expect(await sql("SELECT tableowner FROM pg_tables WHERE tablename = 'owned'")).toBe('app');
});

test('what cannot be dropped cannot log in', async () => {
  await sql([makeRole('pitwall_canary', verifier(), 'app', note), 'CREATE DATABASE other']);
  await docker(
    'exec',
    name,
    'psql',
    '-X',
    '-h',
    '/tmp',
    '-U',
    'postgres',
    '-d',
    'other',
    '-c',
    'CREATE SCHEMA its AUTHORIZATION pitwall_canary',
  );
  await expect(sql(dropRole('pitwall_canary', 'app', note))).rejects.toThrow('objects depend on it');
  expect(await sql("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'pitwall_canary'")).toBe('f');
});
