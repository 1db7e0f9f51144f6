import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newSecret, Secret } from '../../src/domain/secret.ts';
import { certificate } from '../../src/engine/testkit-certificate.ts';
import { clientOf, endOf, openProberLab, type ProberLab, seen, watch } from './prober-lab.ts';

let at: ProberLab;
beforeAll(async () => {
  at = await openProberLab();
});
afterAll(() => at?.close());

const right = new Secret('the-right-password');

describe('PostgreSQL', () => {
  const role = async (name: string, rest = '') => {
    await at.sql(`CREATE ROLE ${name} LOGIN PASSWORD '${right.reveal()}' ${rest}`);
    return at.doors.postgres(name);
  };

  test('says no to a wrong password and to a role that may not log in; other refusals are not about the credential', async () => {
    const door = await role('app');
    expect(await at.once(door, right)).toEqual(['accepted', null]);
    expect(await at.once(door, newSecret())).toEqual(['refused', '28P01']);
    expect(await at.once({ ...door, database: 'not_there' } as typeof door, right)).toEqual(['unknown', '3D000']);
    await at.sql('ALTER ROLE app NOLOGIN');
    expect(await at.once(door, right)).toEqual(['refused', '28000']);
    await at.sql('ALTER ROLE app LOGIN CONNECTION LIMIT 0');
    expect(await at.once(door, right)).toEqual(['unknown', '53300']);
  });

  test('a session outlives its password, and is seen to end when it is terminated', async () => {
    const door = await role('kept');
    const session = await watch(at.prober, door, right, 'session');
    await at.sql(`ALTER ROLE kept PASSWORD 'another'`);
    const changed = performance.now();
    await seen(session, ({ startedAt, answer }) => startedAt > changed && answer === 'accepted');
    await at.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'kept'`);
    const end = await endOf(session);
    expect(end).toMatchObject({ answer: 'closed', code: '57P01' });
    await sleep(300);
    // nothing is tried after the end
    expect(session.samples().at(-1)).toEqual(end);
    await session.stop();
  });

  test('commands are carried out in order, stop at the first that fails, and give codes alone', async () => {
    const door = at.doors.postgres('postgres');
    const answers = await at.prober.command(door, at.admin, [
      { text: 'SELECT $1::int + 1 AS n', values: ['41'] },
      { text: `SELECT 'some-value'::int` },
      { text: 'SELECT 1' },
    ]);
    expect(answers).toEqual([
      { ok: true, rows: [{ n: 42 }] },
      { ok: false, answer: 'unknown', code: '22P02' },
    ]);
    expect(await at.prober.command(door, newSecret(), [{ text: 'SELECT 1' }])).toEqual([{ ok: false, answer: 'refused', code: '28P01' }]);
    expect(await at.prober.command(door, at.admin, [{ text: 'SELECT pg_sleep(5)' }], { timeoutMs: 300 })).toEqual([
      { ok: false, answer: 'unknown', code: 'timeout' },
    ]);
  });
});

describe('Redis', () => {
  const user = async (name: string) => {
    await at.redisDo(`ACL SETUSER ${name} on >${right.reveal()} ~* +@all`);
    return at.doors.redis(name);
  };

  test('says no to a wrong password, to a user that is gone, and to what one may not do', async () => {
    const door = await user('app');
    expect(await at.once(door, right)).toEqual(['accepted', null]);
    expect(await at.once(door, newSecret())).toEqual(['refused', 'WRONGPASS']);
    expect(await at.once(at.doors.redis(null), newSecret())).toEqual(['refused', 'WRONGPASS']);
    await at.redisDo('ACL SETUSER app -@all');
    expect(await at.once(door, right)).toEqual(['refused', 'NOPERM']);
    await at.redisDo('ACL DELUSER app');
    expect(await at.once(door, right)).toEqual(['refused', 'WRONGPASS']);
    expect(await at.prober.command(at.doors.redis(null), at.admin, [{ text: 'GET' }, { text: 'PING' }])).toEqual([
      { ok: false, answer: 'unknown', code: 'ERR' },
    ]);
  });

  test('a session outlives its password, and is seen to end when it is killed or its user is deleted', async () => {
    const door = await user('kept');
    const killed = await watch(at.prober, door, right, 'session');
    await at.redisDo('ACL SETUSER kept resetpass >another');
    const changed = performance.now();
    await seen(killed, ({ startedAt, answer }) => startedAt > changed && answer === 'accepted');
    await at.redisDo('CLIENT KILL USER kept', 'ACL SETUSER kept >the-right-password');
    expect(await endOf(killed)).toMatchObject({ answer: 'closed' });
    const deleted = await watch(at.prober, door, right, 'session');
    await at.redisDo('ACL DELUSER kept');
    expect(await endOf(deleted)).toMatchObject({ answer: 'closed' });
    await Promise.all([killed.stop(), deleted.stop()]);
  });

  test('too many clients is no refusal', async () => {
    const door = await user('crowd');
    const session = await watch(at.prober, door, right, 'session');
    await at.redisDo('CONFIG SET maxclients 1');
    expect(await at.once(door, right)).toEqual(['unknown', 'max-clients']);
    await session.stop();
    await at.redisDo('CONFIG SET maxclients 1000');
  });
});

describe('HTTP', () => {
  test('reads the status and follows nothing', async () => {
    const secret = new Secret('right');
    const said = async (path: string, given = secret) => at.once(at.doors.http(path), given, 1_000);
    expect(await said('/ok')).toEqual(['accepted', null]);
    expect(await said('/ok', new Secret('$&wrong'))).toEqual(['refused', '401']);
    expect(await said('/403')).toEqual(['refused', '403']);
    for (const status of [302, 404, 423, 429, 500, 503]) expect(await said(`/${status}`)).toEqual(['unknown', String(status)]);
    expect(await said('/hang')).toEqual(['unknown', 'timeout']);
  });

  test('a session is one connection that is kept', async () => {
    const session = await watch(at.prober, at.doors.http('/ok'), new Secret('right'), 'session');
    await sleep(300);
    expect(new Set(session.samples().map(({ answer }) => answer))).toEqual(new Set(['accepted']));
    await session.stop();
  });
});

describe('TLS', () => {
  test.each(['TLSv1.2', 'TLSv1.3'])('the refusal of a client certificate is an alert: %s', async (version) => {
    const { redisTls } = at.doors;
    await at.redisDo(`CONFIG SET tls-protocols ${version}`);
    expect(await at.once(redisTls(), clientOf(at.authority))).toEqual(['accepted', null]);
    for (let i = 0; i < 5; i++) expect(await at.once(redisTls(), clientOf(certificate('another')))).toEqual(['refused', 'unknown_ca']);
    expect(await at.once(redisTls(), new Secret('no certificate'))).toEqual(['unknown', expect.stringMatching(/^ERR_/)]);
    // the server is not who it should be: nothing is said about the client
    expect((await at.once(redisTls(certificate('another').cert), clientOf(at.authority)))[0]).toBe('unknown');
  });

  test('a session is a connection that is kept, and is seen to end', async () => {
    const session = await watch(at.prober, at.doors.redisTls(), clientOf(at.authority), 'session');
    await at.redisDo('CLIENT KILL TYPE normal SKIPME yes');
    expect(await endOf(session)).toMatchObject({ answer: 'closed' });
    await session.stop();
  });

  test('a server that hangs up on a certificate has not said why', async () => {
    expect(await at.once(at.doors.nodeTls(9443), clientOf(certificate('another')))).toEqual(['unknown', expect.any(String)]);
    expect(await at.once(at.doors.nodeTls(9444), clientOf(at.authority))).toEqual(['accepted', null]);
  });

  test('the certificate that a server presents is known by its fingerprint', async () => {
    const { X509Certificate } = await import('node:crypto');
    const print = (pem: string) => new Secret(new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase());
    for (const door of [at.doors.presented('tls', 9444), at.doors.presented('tls', 9443), at.doors.presented('redis', 6380)]) {
      expect(await at.once(door, print(at.server.cert))).toEqual(['accepted', null]);
      expect(await at.once(door, print(at.authority.cert))).toEqual(['refused', 'other-certificate']);
    }
    expect(await at.once(at.doors.presented('http', 8080), print(at.server.cert))).toEqual(['unknown', expect.any(String)]);
  });
});

test('a server that speaks something else says nothing, and takes nobody down', async () => {
  const servers = [
    ['postgres', 5432],
    ['redis', 6379],
    ['http', 8080],
    ['tls', 9444],
    ['from', 9],
  ] as const;
  const asked = servers.flatMap(([name, port]) =>
    at.wrongDoors(name, port).map(async (door) => {
      const { answer, code } = await at.prober.once({ door, secret: newSecret(), mode: 'login', timeoutMs: 1_000 });
      return { name, protocol: door.protocol, answer, code };
    }),
  );
  for (const said of await Promise.all(asked)) expect(said).toMatchObject({ answer: 'unknown' });
  expect(at.prober.alive()).toBe(true);
  expect(await at.once(at.doors.postgres('postgres'), at.admin)).toEqual(['accepted', null]);
});
