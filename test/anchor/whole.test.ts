import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import { docker } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';
import { drill, evidence, leftOf, openSite, type Site, states, steal } from './lab.ts';

vi.setConfig({ testTimeout: 120_000 });

let site: Site;
let home: Pitwall;
let record: RunRecord;
let exitCode: number | null;

const full = (site: Site) => `
${steal(site)}
operate: { command: [node, read-orders.js, --count], records: stdout, once: { command: [node, read-orders.js, --one] } }
drills: [theft, throttle, ledger, alert, no-export, cut, backup]
throttle: { operations: 100, window: 2s, atMost: 50 }
`;

beforeAll(async () => {
  site = await openSite();
  home = pitwall();
  await Promise.all([site.app('api'), site.app('other')]);
}, 120_000);
afterAll(async () => {
  home[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
});

test('x', async () => {
  home.file('drill.yaml', drill(site, ['api'], `${steal(site)}\ndrills: [theft, backup]`));
  ({ record, exitCode } = await home.run('drill.yaml'));
  console.log(JSON.stringify(record, null, 1));
});
