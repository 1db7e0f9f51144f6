import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SystemScope } from '../../src/drills/secret-rotation/system.ts';
import { openRotation } from '../../src/drills/secret-rotation/systems/postgresql/rotation.ts';
import type { Server } from '../../src/drills/secret-rotation/systems/postgresql/server.ts';
import { never, realClock } from '../checks/scope.ts';
import { docker } from '../support/containers.ts';

const name = `pglate${randomBytes(4).toString('hex')}`;
const password = randomBytes(16).toString('hex');
let host = '';
let admin: pg.Client;

beforeAll(async () => {
  await docker(
    'run',
    '-d',
    '--name',
    name,
    '--label',
    `pitwall.test=${name}`,
    '-e',
    `POSTGRES_PASSWORD=${password}`,
    'pitwall-fixture/postgres:1',
  );
  host = await docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', name);
  for (let i = 0; i < 200; i++) {
    admin = new pg.Client({ host, user: 'postgres', password, database: 'postgres' });
    if (
      await admin.connect().then(
        () => true,
        () => false,
      )
    )
      break;
    await sleep(100);
  }
  await admin.query('CREATE ROLE app LOGIN');
}, 60_000);
afterAll(async () => {
  await admin.end();
  await docker('rm', '-f', '-v', name);
});

test('who had begun to log in with the old password before the new one was set has no session when the rotation is verified', async () => {
  const server: Server = {
    id: name,
    name,
    point: name,
    host,
    port: 5_432,
    database: 'postgres',
    async ask(statements) {
      const rows: pg.QueryResultRow[][] = [];
      for (const one of statements) {
        const { text, values = [] } = typeof one === 'string' ? { text: one } : one;
        rows.push((await admin.query(text, [...values])).rows);
      }
      return rows;
    },
  };
  const rotation = openRotation({
    params: {
      server: { service: 'db', port: 5_432, database: 'postgres' },
      admin: { user: 'postgres', password: { env: 'X' } },
      role: 'app',
      points: [],
    },
    data: { tag: 'abcdef', servers: [], old: 'pitwall_abcdef', fresh: 'pitwall_abcdef', made: true },
    admins: [{ server, standby: false }],
    absent: [],
    points: [],
    scope: { plan: 'leak', credential: 'canary', runId: '01', clock: realClock, signal: never } as unknown as SystemScope,
  });
  const old = await rotation.prepare();
  await rotation.refuse();
  await rotation.endSessions();
  let answer: (password: string) => void = () => undefined;
  let asked: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const late = new pg.Client({
    host,
    user: 'pitwall_abcdef',
    database: 'postgres',
    // the server has read the old verifier when it asks
    password: () => {
      asked();
      return new Promise<string>((resolve) => {
        answer = resolve;
      });
    },
  });
  const ended = new Promise((resolve) => late.on('error', (error) => resolve('code' in error ? error.code : error.message)));
  const loggedIn = late.connect();
  await begun;
  await rotation.issue();
  answer(old.secret.reveal());
  await loggedIn;
  await rotation.verify?.();
  expect([await rotation.sessionsLeft(), await Promise.race([ended, sleep(60_000, undefined, { ref: false })])]).toEqual([[], '57P01']);
  expect(await rotation.clear()).toEqual([]);
});
