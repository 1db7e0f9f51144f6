import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { letGo } from '../../src/forensics/hold/let-go.ts';
import { quarantine } from '../../src/forensics/hold/quarantine.ts';
import { clock, type HoldLab, holdLab } from './hold-lab.ts';

vi.setConfig({ testTimeout: 120_000 });
const port = 18_690;
const password = 'only-of-this-test';
let lab: HoldLab;
beforeAll(async () => {
  lab = await holdLab();
});
afterAll(() => lab.close());

const connect = async () => {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

it('cuts the connections of a live PostgreSQL, and gives it back with every committed row', async () => {
  await lab.lab.network('postgres');
  const { id } = await lab.lab.run('postgres', {
    Image: 'pitwall-fixture/postgres:1',
    Env: [`POSTGRES_PASSWORD=${password}`],
    ExposedPorts: { '5432/tcp': {} },
    Healthcheck: { Test: ['CMD', 'pg_isready', '-h', '127.0.0.1', '-U', 'postgres'], Interval: 1_000_000_000 },
    HostConfig: { NetworkMode: lab.lab.name('postgres'), PortBindings: { '5432/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] } },
  });
  while ((await lab.engine.inspect(id)).State.Health?.Status !== 'healthy') await clock.sleep(250);
  const client = await connect();
  await client.query('CREATE TABLE notes (n int)');
  let committed = 0;
  let cut: Error | null = null;
  const writing = (async () => {
    for (;;) {
      await client.query('INSERT INTO notes VALUES ($1)', [committed]);
      committed++;
    }
  })().catch((error: Error) => {
    cut = error;
  });
  while (committed < 100) await clock.sleep(10);

  const held = await lab.freezeThis(id);
  const before = committed;
  await quarantine(held, lab.io());
  await writing;
  expect(cut).not.toBeNull();
  // one was on its way when it was frozen, and may have been answered
  expect(committed - before).toBeLessThanOrEqual(1);
  await expect(connect()).rejects.toThrow();

  await letGo(held, lab.io());
  const again = await connect();
  const { rows } = await again.query('SELECT count(*)::int AS rows, count(DISTINCT n)::int AS different FROM notes');
  expect(rows[0].different).toBe(rows[0].rows);
  // the one in flight was committed or not; none that was acknowledged is lost
  expect([committed, committed + 1]).toContain(rows[0].rows);
  await again.query('INSERT INTO notes VALUES (-1)');
  await again.end();
});
