import { expect, it } from 'vitest';
import { fakeClock } from '../../../test/support/fake-clock.ts';
import { summary } from '../../../test/support/targets.ts';
import type { AuditEntry, AuditLog, AuditRecord } from '../../access/audit.ts';
import type { FreezeRule } from '../../config/config.ts';
import { instant } from '../../domain/clock.ts';
import type { EngineInfo } from '../../domain/engine.ts';
import type { FreezeOrder } from '../../domain/evidence.ts';
import { parseAlert } from './alert.ts';
import { freezeHistory } from './history.ts';
import { type AlertDeps, alertReceiver } from './receive.ts';

const rule: FreezeRule = {
  rule: 'Shell',
  maxPerHour: 2,
  priority: null,
  labels: {},
  disposition: 'resume',
  memory: 'proc',
  leaseMs: 60_000,
};
const sender = { name: 'falco', role: 'responder', source: 'api 127.0.0.1', scope: [] };
const web = summary('web', { id: 'a'.repeat(64) });
const alert = (output = 'x') =>
  parseAlert(JSON.stringify({ rule: 'Shell', priority: 'Warning', output, output_fields: { 'container.id': 'a'.repeat(12) } }));

function bed(change: Partial<AlertDeps> = {}) {
  const clock = fakeClock();
  const rows: AuditRecord[] = [];
  const audit: AuditLog = {
    record(entry: AuditEntry) {
      const row = { ...entry, seq: rows.length + 1, at: instant(clock.now()), hash: '' };
      rows.push(row);
      return row;
    },
    list: ({ limit = 50, before = Number.POSITIVE_INFINITY } = {}) =>
      rows
        .filter(({ seq }) => seq < before)
        .toReversed()
        .slice(0, limit),
  };
  const orders: FreezeOrder[] = [];
  const deps: AlertDeps = {
    rules: [rule],
    engines: [{ name: 'local', environment: 'ci', list: async () => [web], info: async () => ({ id: 'E' }) as EngineInfo }],
    whyNot: () => null,
    holds: { of: () => null },
    audit,
    clock,
    start: async (order) => {
      orders.push(order);
      return { id: `run-${orders.length}` };
    },
    onFailure: () => undefined,
    ...change,
  };
  return { clock, rows, audit, orders, deps, receive: alertReceiver(deps) };
}

it('freezes again when the window is over, and no more when the hour is full, until it is not', async () => {
  const { clock, receive } = bed();
  const decided = async () => (await receive(alert(), sender)).decision;
  expect(await decided()).toBe('freeze');
  await clock.advance(60_000);
  expect(await decided()).toBe('duplicate');
  await clock.advance(1_000);
  expect(await decided()).toBe('freeze');
  await clock.advance(61_000);
  expect(await decided()).toBe('refused');
  await clock.advance(3_600_000 - 122_000 + 1_000);
  expect(await decided()).toBe('freeze');
});

it('sees its own freeze in the next of two that come at once', async () => {
  const { receive, orders } = bed();
  const answers = await Promise.all([receive(alert('a'), sender), receive(alert('b'), sender)]);
  expect(answers.map(({ decision }) => decision).sort()).toEqual(['duplicate', 'freeze']);
  expect(orders).toHaveLength(1);
});

it('does not freeze what it could not write down', async () => {
  const { deps, orders } = bed();
  const record = () => {
    throw new Error('the disk is full');
  };
  const receive = alertReceiver({ ...deps, audit: { ...deps.audit, record } });
  await expect(receive(alert(), sender)).rejects.toThrow('the disk is full');
  expect(orders).toEqual([]);
});

it('notes the same reason once a minute, with how many there were', async () => {
  const { clock, rows, receive } = bed({ whyNot: () => 'pitwall.skip is "true"' });
  for (let i = 0; i < 100; i++) await receive(alert(String(i)), sender);
  await clock.advance(60_000);
  await receive(alert(), sender);
  expect(rows.map(({ data }) => data)).toEqual([
    { decision: 'refused', reason: 'pitwall.skip is "true"', alert: '"Shell"', priority: 'warning' },
    { decision: 'refused', reason: 'pitwall.skip is "true"', alert: '"Shell"', priority: 'warning', repeated: 99 },
  ]);
});

it('asks no engine about alerts that no rule is for', async () => {
  const list = () => Promise.reject(new Error('asked'));
  const { receive } = bed({
    rules: [],
    engines: [{ name: 'local', environment: 'ci', list, info: () => Promise.reject(new Error('asked')) }],
  });
  expect(await receive(alert(), sender)).toMatchObject({ decision: 'ignored' });
});

it('finds the freezes of the last hour among many other rows, and forgets the older', async () => {
  const { clock, audit, receive } = bed();
  await receive(alert(), sender);
  const other = { ...sender, who: 'ana', act: 'run', object: null, data: null };
  for (let i = 0; i < 170; i++) audit.record(other);
  const begun = freezeHistory(audit, () => clock.now());
  expect(begun().begun()).toMatchObject([{ seq: 1, container: web.id, engineId: 'E' }]);
  for (let i = 0; i < 170; i++) audit.record(other);
  expect(begun().begun()).toHaveLength(1);
  await clock.advance(3_600_001);
  expect(begun().begun()).toEqual([]);
});
