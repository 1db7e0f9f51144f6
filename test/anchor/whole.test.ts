/** The built command against a real PKCS#11 anchor (SoftHSM) behind a small service, and an application whose records only it opens. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import { docker } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';
import { drill, evidence, leftOf, openSite, type Site, states, steal } from './lab.ts';

// many containers, on an engine that others may keep busy
vi.setConfig({ testTimeout: 120_000 });

let site: Site;
let home: Pitwall;
let record: RunRecord;
let exitCode: number | null;
let before: string;

beforeAll(async () => {
  site = await openSite();
  home = pitwall();
  await Promise.all([site.app('api'), site.app('other'), site.app('small', { orders: 2 })]);
  before = await originals();
  home.file(
    'drill.yaml',
    drill(
      site,
      ['api'],
      [
        steal(site),
        'operate: { command: [node, read-orders.js, --count], records: stdout, once: { command: [node, read-orders.js, --one] } }',
        'drills: [theft, throttle, ledger, alert, no-export, cut, backup]',
        'throttle: { operations: 80, window: 2s, atMost: 35, command: [node, read-orders.js, --burst, "80"] }',
        'ledger: { command: [node, anchorctl.js, audit, api] }',
        'alert: { within: 5s, command: [node, anchorctl.js, alerts, api] }',
        `export: { commands: [[node, ask.js, /export]], control: [node, read-orders.js, --one], refusal: "403" }`,
        'cut:',
        '  command: [node, anchorctl.js, revoke, api]',
        '  undo: [node, anchorctl.js, grant, api]',
        '  others: [{ command: [node, read-orders.js, --one], in: { service: other } }]',
      ],
      'objectives: { records_readable_by_thief: 0, time_to_cut: 5s, ledger_gap: 0, time_to_alert: 5s }',
    ),
  );
  ({ record, exitCode } = await home.run('drill.yaml'));
}, 180_000);
afterAll(async () => {
  home[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
});

/** What the run must not change: the data, the container, what it has written. */
async function originals(): Promise<string> {
  const { box } = site;
  const data = await docker('exec', box.name('api'), 'sh', '-c', 'ls -ln /orders; cat /orders/* | sha256sum');
  return `${data} ${await docker('inspect', '--format', '{{.State.StartedAt}} {{.RestartCount}}', box.name('api'))} ${await docker('diff', box.name('api'))}`;
}

test('all seven hold, and each says what it saw', () => {
  const all = ['CA-1', 'CA-2', 'CA-3', 'CA-4', 'CA-5', 'CA-6', 'CA-7'];
  expect(record.findings.map(({ probe, state, evidence: seen }) => [probe, state, seen]).filter(([, state]) => state !== 'holds')).toEqual(
    [],
  );
  expect(states(record)).toEqual(Object.fromEntries(all.map((id) => [id, 'holds'])));
  expect([record.verdict, exitCode, record.residue]).toEqual(['passed', 0, []]);
  expect(evidence(record, 'CA-1')).toMatch(/^0 of 12 records .* all of them with it, from the same copies/);
  expect(evidence(record, 'CA-2')).toMatch(/^\d+ of \d+ operations were allowed in [\d.]+ s, at most 35 may be/);
  expect(evidence(record, 'CA-3')).toMatch(/^1 operations, and the ledger went from \d+ to \d+$/);
  expect(evidence(record, 'CA-4')).toMatch(/an alert [\d.]+ m?s later$/);
  expect(evidence(record, 'CA-5')).toMatch(/^1 ways to ask for the key were refused.*not .*memory/);
  expect(evidence(record, 'CA-6')).toMatch(/^it could read nothing any more .*; 1 others went on working; .*can read 12 records/);
});

test('it is measured', () => {
  const measured = Object.fromEntries(record.measurements.map(({ name, value }) => [name, value]));
  expect(measured).toMatchObject({ records_readable_by_thief: 0, ledger_gap: 0 });
  expect(measured.operations_per_second_allowed).toBeGreaterThan(0);
  expect(measured.operations_per_second_allowed).toBeLessThanOrEqual(17.5);
  expect(measured.time_to_cut).toBeGreaterThan(0);
  expect(measured.time_to_cut).toBeLessThan(5_000);
  expect(measured.time_to_alert).toBeLessThan(5_000);
});

test('the originals are as before, the right is there again, and nothing of ours is left', async () => {
  expect(await originals()).toBe(before);
  expect(await docker('exec', site.box.name('api'), 'node', 'read-orders.js', '--one')).toBe('');
  expect(await leftOf(record.id)).toEqual([]);
});

test('neither a token nor a record is in the database, the logs, or anything else of ours', () => {
  const files = readdirSync(home.home, { recursive: true }).map((name) => join(home.home, String(name)));
  const text = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'latin1'));
  expect(text.join('')).toContain('CA-1');
  for (const secret of [...site.tokens, 'a thing']) expect(text.some((one) => one.includes(secret))).toBe(false);
});

test('the example validates and runs as it stands; what it gives no way to try is inconclusive, and says what is missing', async () => {
  const text = readFileSync(new URL('../../drills/stolen-data-is-useless.yaml', import.meta.url), 'utf8');
  const mine = text
    .replace('project: shop, services: [api]', `project: ${site.box.id}, services: [small]`)
    .replaceAll('shop_orders', site.box.name('small'))
    // the suite’s anchor allows it 6 in 2 s, and so at most 18 in 4 s
    .replace('operations: 200, window: 10s, atMost: 50', 'operations: 26, window: 4s, atMost: 19');
  home.file('example.yaml', mine);
  expect(await home.call('validate', 'example.yaml')).toMatchObject({ exitCode: 0 });
  const seen = await home.run('example.yaml');
  expect(seen.record.reason).toContain('inconclusive');
  expect(states(seen.record)).toEqual({
    'CA-1': 'holds',
    // a machine that is busy may be too slow to ask for enough by docker exec; that it never is broken here is what counts
    'CA-2': expect.stringMatching(/^(holds|inconclusive)$/) as string,
    'CA-3': 'inconclusive',
    'CA-4': 'inconclusive',
    'CA-5': 'inconclusive',
    'CA-6': 'inconclusive',
    'CA-7': 'holds',
  });
  expect(evidence(seen.record, 'CA-2')).toMatch(/^\d+ of \d+ operations were allowed in [\d.]+ s, at most 19 may be in 4\.0 s/);
  for (const [probe, key] of [
    ['CA-3', 'ledger'],
    ['CA-4', 'alert'],
    ['CA-5', 'export'],
    ['CA-6', 'cut'],
  ] as const)
    expect(evidence(seen.record, probe)).toContain(`params.${key}`);
  expect([seen.record.verdict, seen.exitCode]).toEqual(['inconclusive', 3]);
  expect(await leftOf(seen.record.id)).toEqual([]);
});
