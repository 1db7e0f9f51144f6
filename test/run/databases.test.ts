import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { difference } from '../../src/container/difference.ts';
import type { ContainerInspect } from '../../src/domain/engine/containers.ts';
import { compose } from '../recreate/support/compose.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

let box: Fixture;
let home: Pitwall;

beforeAll(async () => {
  box = fixture();
  home = pitwall();
  const [key, value] = box.label.split('=');
  home.file(
    'compose.yaml',
    `name: ${box.id}
x-ours: &ours
  labels: { ${key}: ${value}, pitwall.drills: reverse-uptime }
  networks: [net]
  stop_grace_period: 5s
services:
  db:
    <<: *ours
    image: pitwall-fixture/postgres:1
    ports: ["127.0.0.1:15432:5432"]
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: { test: [CMD, pg_isready, -h, 127.0.0.1, -U, postgres], interval: 1s, retries: 30 }
  redis:
    <<: *ours
    image: pitwall-fixture/redis:1
    command: [--appendonly, "yes", --appendfsync, always]
    ports: ["127.0.0.1:16379:6379"]
    volumes: [/data]
    healthcheck: { test: [CMD, redis-cli, ping], interval: 1s, retries: 30 }
networks: { net: { labels: { ${key}: ${value} } } }
volumes: { data: { labels: { ${key}: ${value} } } }
`,
  );
  await compose(home.home, box.id, 'up', '--detach', '--wait');
}, 180_000);
afterAll(async () => {
  await compose(home.home, box.id, 'down', '--volumes', '--timeout', '5');
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

/** Writes as fast as it is answered, until told to stop; a write counts once the server said yes to it. */
function load(write: (n: number) => Promise<unknown>): { stop(): Promise<{ readonly acknowledged: number; readonly failed: number }> } {
  let going = true;
  let failed = 0;
  let acknowledged = 0;
  const running = (async () => {
    while (going) {
      try {
        await write(acknowledged);
        acknowledged++;
      } catch {
        failed++;
        await sleep(20);
      }
    }
  })();
  return {
    async stop() {
      going = false;
      await running;
      return { acknowledged, failed };
    },
  };
}

test('a real PostgreSQL and a real Redis are made again under load: no acknowledged write is lost, and Compose still knows them', async () => {
  const pool = new pg.Pool({
    host: '127.0.0.1',
    port: 15_432,
    user: 'postgres',
    database: 'postgres',
    connectionTimeoutMillis: 1_000,
    query_timeout: 2_000,
  });
  pool.on('error', () => undefined);
  const redis = new Redis(16_379, '127.0.0.1', {
    maxRetriesPerRequest: 0,
    retryStrategy: () => 50,
    connectTimeout: 1_000,
    commandTimeout: 2_000,
  });
  redis.on('error', () => undefined);
  await pool.query('create table if not exists orders (n int)');
  const before = JSON.parse(await docker('inspect', `${box.id}-db-1`, `${box.id}-redis-1`)) as ContainerInspect[];
  home.file(
    'drill.yaml',
    `name: recycle-databases
kind: reverse-uptime
targets: { compose: { project: ${box.id} } }
steadyState:
  - { name: database accepts, tcp: "127.0.0.1:15432", every: 100ms }
  - { name: database answers, exec: [psql, -h, 127.0.0.1, -U, postgres, -tAc, "select 1"], in: { service: db }, every: 1s, expect: { equals: "1" } }
  - { name: all are healthy, health: { service: redis } }
params: { maxUptime: 1s }
objectives: { time_to_healthy: 60s, downtime: 30s }
`,
  );
  const orders = load((n) => pool.query('insert into orders values ($1)', [n]));
  const jobs = load(() => redis.incr('jobs'));
  await sleep(1_500);
  const { exitCode, record } = await home.run('drill.yaml');
  await sleep(1_000);
  const [wroteOrders, wroteJobs] = [await orders.stop(), await jobs.stop()];

  expect([exitCode, record.verdict, record.reason]).toEqual([0, 'passed', '2 recycled']);
  const rows = await pool.query<{ count: string }>('select count(*) from orders');
  // a write that the server did, and whose answer was cut off, may be there besides
  expect(Number(rows.rows[0]?.count)).toBeGreaterThanOrEqual(wroteOrders.acknowledged);
  expect(Number(await redis.get('jobs'))).toBeGreaterThanOrEqual(wroteJobs.acknowledged);
  expect(wroteOrders.acknowledged).toBeGreaterThan(50);
  expect(wroteJobs.acknowledged).toBeGreaterThan(50);
  expect(wroteOrders.failed + wroteJobs.failed).toBeGreaterThan(0);

  const after = JSON.parse(await docker('inspect', `${box.id}-db-1`, `${box.id}-redis-1`)) as ContainerInspect[];
  for (const [index, old] of before.entries()) {
    expect(after[index]?.Id).not.toBe(old.Id);
    expect(difference(old, after[index] as ContainerInspect)).toEqual([]);
  }
  expect((await compose(home.home, box.id, 'ps', '--services')).trim().split('\n').toSorted()).toEqual(['db', 'redis']);
  const ids = after.map((one) => one.Id).toSorted();
  await compose(home.home, box.id, 'up', '--detach', '--wait');
  expect((await compose(home.home, box.id, 'ps', '--quiet', '--no-trunc')).trim().split('\n').toSorted()).toEqual(ids);
  await pool.end();
  redis.disconnect();
}, 180_000);
