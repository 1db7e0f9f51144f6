import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import { docker } from '../support/containers.ts';
import { pitwall } from '../support/pitwall.ts';
import { consumer, openShop, type Shop } from './shop-lab.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const loader = fileURLToPath(new URL('../support/set-clock.mjs', import.meta.url));

test.each([
  ['forward', 6 * 3_600],
  ['back', -6 * 3_600],
])('a clock that is set six hours %s at the leak changes nothing that is measured', async (way, seconds) => {
  const setTo = join(shop.folder, `clock-${way}`);
  using home = pitwall({ SHOP_ADMIN: shop.secrets.admin, NODE_OPTIONS: `--import ${loader}`, PITWALL_TEST_CLOCK: setTo });
  const old = shop.held();
  const begun = performance.now();
  const running = home.start('run', shop.drill(`plan: leak\ncredential: real\n${consumer()}`));
  await running.saw(/leak +declared/);
  writeFileSync(setTo, `${seconds}`);
  const { stdout } = await running.ended;
  const took = performance.now() - begun;
  rmSync(setTo);
  const id = /[0-9A-HJKMNP-TV-Z]{26}/.exec(stdout)?.[0] ?? '';
  const { stdout: shown } = await home.call('show', id, '--json');
  const record = JSON.parse(shown) as RunRecord;
  expect([record.verdict, record.reason, record.residue]).toEqual(['passed', record.reason, []]);
  for (const { name, value } of record.measurements.filter((one) => one.name.startsWith('time_'))) {
    expect(value, name).toBeGreaterThan(0);
    expect(value, name).toBeLessThan(took);
  }
  const { stdout: events } = await home.call('show', id, '--events');
  expect(events).toContain(`the wall clock was set 6 h ${way}`);
  // in the order in which they happened, whatever they are stamped
  const order = ['selected', 'leak', 'clock', 'step', 'ended'].map((type) => events.search(new RegExp(`^[\\d:.]+\\s+${type}\\s`, 'm')));
  expect(order[0]).toBeGreaterThan(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect([await shop.letsIn('app', old), await shop.letsIn('app', shop.held())]).toEqual([false, true]);
  expect((await home.call('recover')).stdout).toContain('nothing to recover');
  expect(await docker('ps', '-aq', '--filter', `label=pitwall.run=${id}`)).toBe('');
});
