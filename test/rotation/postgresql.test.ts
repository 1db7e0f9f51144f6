import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import { docker } from '../support/containers.ts';
import { consumer, openShop, type Shop } from './shop-lab.ts';

const value = ({ measurements }: RunRecord, name: string) => measurements.find((one) => one.name === name)?.value ?? null;
const states = ({ findings }: RunRecord) => findings.map(({ probe, title, state }) => `${probe} ${state}: ${title.replace(/\(.*\)/, '')}`);
const evidence = ({ findings }: RunRecord, probe: string) =>
  findings
    .filter((one) => one.probe === probe)
    .map(({ evidence: text }) => text)
    .join('\n');
const nothingLeft = async ({ id }: RunRecord) => expect(await docker('ps', '-aq', '--filter', `label=pitwall.run=${id}`)).toBe('');

const all = process.env.PITWALL_TEST_FULL !== undefined;

describe('PostgreSQL', () => {
  let shop: Shop;
  const roles = async () =>
    (await shop.sql("select rolname || ' ' || rolcanlogin from pg_roles where rolname !~ '^pg_' order by 1")).split('\n');
  beforeAll(async () => {
    shop = await openShop({ apis: 2 });
  }, 120_000);
  afterAll(() => shop[Symbol.asyncDispose]());

  it('a canary leaks and is refused everywhere; nobody else notices, and nothing of it is left', async () => {
    const before = await roles();
    const { exitCode, record } = await shop.home.run(shop.drill(`plan: both\n${consumer()}`));
    expect([exitCode, record.reason]).toEqual([0, record.reason]);
    expect(new Set(states(record).map((one) => one.split(':')[0]))).toEqual(
      new Set(['ROT-login holds', 'ROT-session holds', 'ROT-consumer holds', 'ROT-residue inconclusive']),
    );
    for (const name of ['time_to_full_refusal', 'planned_time_to_full_refusal', 'time_to_sessions_dead', 'time_to_new_issued'])
      expect(value(record, name), name).toBeGreaterThan(0);
    expect([value(record, 'failed_requests'), value(record, 'planned_failed_requests')]).toEqual([0, 0]);
    expect(states(record)).toContainEqual('ROT-consumer holds: api goes on working ');
    // 0 where a busy machine let nobody see which came first
    expect(value(record, 'overlap')).toBeLessThanOrEqual(0);
    expect(value(record, 'planned_overlap')).toBeGreaterThanOrEqual(0);
    // a database's own files are more than are read
    expect(evidence(record, 'ROT-residue')).toContain('the rest of /var/lib/postgresql/data');
    expect(await roles()).toEqual(before);
    expect(await shop.letsIn('app', shop.secrets.app ?? '')).toBe(true);
    const shown = await shop.home.call('show', record.id);
    expect(shown.stdout).toMatch(/old session +db:5432 .* ended from \d+ ms on \(57P01\)/);
    await nothingLeft(record);
  });

  // test/rotation/nothing-secret.test.ts has such a run
  it.runIf(all)('the real password, plan leak: the consumers have the new one, the old one is worth nothing', async () => {
    const old = shop.held();
    const { exitCode, record } = await shop.home.run(shop.drill(`plan: leak\ncredential: real\n${consumer()}`));
    expect([exitCode, record.reason, states(record)]).toEqual([0, record.reason, states(record)]);
    expect(shop.held()).not.toBe(old);
    expect(await shop.letsIn('app', old)).toBe(false);
    expect(await shop.letsIn('app', shop.held())).toBe(true);
    expect(await shop.answers()).toBe(5);
    expect(value(record, 'failed_requests')).toBeGreaterThanOrEqual(0);
    expect(await roles()).not.toContainEqual(expect.stringContaining('pitwall'));
    await nothingLeft(record);
  });

  it('two roles that take turns, plan planned: no request fails, there and back', async () => {
    const ways = [
      ['app', 'app_b'],
      ['app_b', 'app'],
    ] as const;
    for (const [now, then] of all ? ways : ways.slice(0, 1)) {
      expect(shop.held('db_role')).toBe(now);
      const old = shop.held();
      const { exitCode, record } = await shop.home.run(shop.drill(`plan: planned\ncredential: real\nalternate: app_b\n${consumer()}`));
      expect([exitCode, record.reason, states(record)]).toEqual([0, record.reason, states(record)]);
      expect(value(record, 'failed_requests')).toBe(0);
      expect(record.measurements.find(({ name }) => name === 'failed_requests')?.met).toBe(true);
      expect(shop.held('db_role')).toBe(then);
      expect([await shop.letsIn(now, old), await shop.letsIn(then, shop.held())]).toEqual([false, true]);
    }
  });
});

describe('a consumer that', () => {
  const broken = async (options: Parameters<typeof openShop>[0], params: string) => {
    await using shop = await openShop(options);
    const old = shop.held();
    const { exitCode, record } = await shop.home.run(shop.drill(`credential: real\nwithin: 3s\n${params}`));
    // put back, and working
    expect([shop.held(), shop.held('db_role'), await shop.letsIn('app', old), await shop.answers()]).toEqual([old, 'app', true, 5]);
    expect([exitCode, record.residue, record.reason]).toEqual([1, [], record.reason]);
    await nothingLeft(record);
    return record;
  };

  // the next one shows it of one replica of two
  it.runIf(all)('never reloads is named, and the old one is put back', async () => {
    const record = await broken({ reloads: false }, `plan: leak\n${consumer()}`);
    expect(states(record)).toContainEqual('ROT-consumer broken: api works with the new one');
    expect(evidence(record, 'ROT-consumer')).toContain('it was given the new one, and does not work with it');
  });

  it('never reloads in one of its replicas is named by that one', async () => {
    const record = await broken({ apis: 2, deaf: 2 }, `plan: leak\n${consumer()}`);
    expect(states(record)).toContainEqual('ROT-consumer broken: api works with the new one');
    expect(evidence(record, 'ROT-consumer')).toMatch(
      /-api-2: its requests fail since the old one is refused: it was given the new one, and does/,
    );
  }, 120_000);

  // test/rotation/file-system.test.ts and deliver.test.ts have it too
  it.runIf(all)('has the file mounted alone is named', async () => {
    const record = await broken({ mount: 'file' }, `plan: leak\n${consumer()}`);
    expect(evidence(record, 'ROT-consumer')).toContain('single-file mount');
  });

  it('keeps its pool is named before anything is refused, in plan planned', async () => {
    const record = await broken({ reloads: false }, `plan: planned\nalternate: app_b\n${consumer()}`);
    expect(evidence(record, 'ROT-consumer')).toContain('it keeps connections that were opened with the old one');
    expect(value(record, 'failed_requests')).toBe(0);
    expect(evidence(record, 'ROT-login')).toContain('still let in');
  });
});
