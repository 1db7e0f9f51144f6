/** Applications that keep their key where a thief finds it: each must be caught, and the place named. */
import { createHash, createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import { docker } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';
import { drill, evidence, image, leftOf, openSite, ownKey, type Site } from './lab.ts';

vi.setConfig({ testTimeout: 120_000 });

let site: Site;
let home: Pitwall;
let record: RunRecord;
let exitCode: number | null;
let keyed: string;

const key = ownKey();
const fingerprint = `sha256:${createHash('sha256')
  .update(createPublicKey(key).export({ format: 'der', type: 'spki' }))
  .digest('hex')}`;
const places = ['environment', 'volume', 'image'] as const;

beforeAll(async () => {
  site = await openSite();
  home = pitwall();
  const { box } = site;
  keyed = `pitwall-test/${box.id}`;
  const file = join(home.home, 'key.pem');
  writeFileSync(file, key, { mode: 0o644 });
  const maker = await docker('create', '--label', box.label, image);
  await docker('cp', file, `${maker}:/app/key.pem`);
  await docker('commit', maker, keyed);
  await docker('rm', maker);
  await docker('volume', 'create', '--label', box.label, box.name('data'));
  // one volume, three applications: the stolen one must be the same for all
  await site.app('environment', { args: ['--env', `KEY=${Buffer.from(key).toString('base64')}`], orders: 3 });
  await site.app('image', { image: keyed, orders: 3 });
  await site.app('volume', { orders: 0 });
  await docker('cp', file, `${box.name('volume')}:/orders/key.pem`);
  await docker('exec', box.name('volume'), 'node', 'write-orders.js', '3');
  for (const place of places) {
    home.file(
      `${place}.yaml`,
      drill(
        site,
        [place],
        [
          `steal: { volumes: [${box.name(place)}], image: true, environment: true }`,
          'drills: [theft, no-export]',
          'export: { commands: [[node, ask.js, /export]] }',
          `key: { fingerprint: "${fingerprint}" }`,
        ],
      ),
    );
  }
}, 120_000);
afterAll(async () => {
  home[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
  await docker('rmi', keyed);
});

test.each(places)('with the key in its %s the thief reads all, and the key is found there', async (place) => {
  ({ record, exitCode } = await home.run(`${place}.yaml`));
  expect([record.verdict, exitCode]).toEqual(['failed', 1]);
  expect(record.findings.map(({ probe, state }) => `${probe} ${state}`)).toEqual(['CA-1 broken', 'CA-5 broken']);
  expect(evidence(record, 'CA-1')).toContain('3 of 3 records can be read without the anchor');
  expect(evidence(record, 'CA-5')).toMatch(
    {
      environment: /^the key is in the environment \(KEY\);/,
      volume: /^the key is in volume \S+ \(\/key\.pem\);/,
      image: /^the key is in the image \(\/app\/key\.pem\);/,
    }[place],
  );
  expect(record.measurements).toMatchObject([{ name: 'records_readable_by_thief', value: 3, met: false }]);
  expect(await leftOf(record.id)).toEqual([]);
  expect(JSON.stringify(record)).not.toContain(key.split('\n')[1]);
});

test.runIf(process.env.PITWALL_TEST_FULL !== undefined)(
  'left behind, the environment gives nothing away; but without it nothing is proven either',
  async () => {
    home.file(
      'left.yaml',
      drill(site, ['environment'], [`steal: { volumes: [${site.box.name('environment')}], environment: false }`, 'drills: [theft]']),
    );
    const seen = await home.run('left.yaml');
    expect([seen.record.verdict, seen.exitCode]).toEqual(['inconclusive', 3]);
    expect(evidence(seen.record, 'CA-1')).toContain('the control failed');
    expect(seen.record.measurements).toEqual([]);
  },
);
