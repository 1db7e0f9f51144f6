import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { realClock } from '../checks/scope.ts';
import { docker } from '../support/containers.ts';
import { consumer, openShop, type Shop } from './shop-lab.ts';

const script = fileURLToPath(new URL('../crash/killed-run.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const all = process.env.PITWALL_TEST_FULL !== undefined;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
}, 120_000);
afterAll(() => shop[Symbol.asyncDispose]());

function killedAt(file: string, place: string, step: string): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, ['--import', tsx, script, file, place, step], {
    cwd: shop.home.home,
    env: { ...process.env, PITWALL_HOME: shop.home.home, SHOP_ADMIN: shop.secrets.admin },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
}

const leak = all ? ['prepare', 'refuse', 'end-sessions', 'issue', 'deliver', 'verify', 'commit', 'close'] : ['close'];
const planned = all ? ['prepare', 'issue', 'deliver', 'verify', 'refuse', 'end-sessions', 'commit', 'close'] : ['refuse'];
const cases = [
  ...leak.map((step) => ['leak', 'real', step] as const),
  ...planned.map((step) => ['planned', 'real', step] as const),
  ...(all ? leak.filter((step) => step !== 'close') : []).map((step) => ['leak', 'canary', step] as const),
];

/** An action lies between its own entry and the next: killed before the next is killed when it is done. */
test.for(cases)(
  'plan %s, %s, killed before "%s" is written: after recover the consumers work, and exactly what should',
  async ([plan, credential, step]) => {
    const [role, old] = [shop.held('db_role'), shop.held()];
    const rolesBefore = await roles();
    const alternate = plan === 'planned' ? 'alternate: app_b\n' : '';
    const file = shop.drill(`plan: ${plan}\ncredential: ${credential}\n${alternate}${consumer()}`);
    expect(await killedAt(file, 'before', step)).toBe('SIGKILL');

    const recovered = await shop.home.call('recover');
    expect([recovered.exitCode, recovered.stderr]).toEqual([0, '']);

    const forward = step === 'close' && credential === 'real';
    if (forward) {
      expect(shop.held()).not.toBe(old);
      expect(await shop.letsIn(role, old)).toBe(false);
    } else {
      expect([shop.held('db_role'), shop.held(), await roles()]).toEqual([role, old, rolesBefore]);
    }
    expect(await shop.letsIn(shop.held('db_role'), shop.held())).toBe(true);
    expect(await shop.answers()).toBe(5);
    expect(readdirSync(join(shop.folder, 'secrets')).toSorted()).toEqual(['db_password', 'db_role', 'redis_password']);
    expect(await roles()).not.toContain('pitwall');
    expect(await docker('ps', '-aq', '--filter', `label=pitwall.instance=${instanceOf(shop.home.home)}`)).toBe('');
    expect((await shop.home.call('recover')).stdout).toBe('nothing to recover\n');
  },
);

const roles = () =>
  shop.sql("select rolname || ' ' || rolcanlogin || ' ' || coalesce(rolpassword, '') from pg_authid where rolname !~ '^pg_' order by 1");

/** The database's id, which all that is made carries. */
function instanceOf(home: string): string {
  const store = openStore({ path: join(home, 'pitwall.db'), clock: realClock, create: false });
  store.close();
  return store.instanceId;
}
