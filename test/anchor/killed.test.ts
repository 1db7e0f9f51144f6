/** SIGKILL while a right is cut: `recover` gives it back, and proves it. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { docker } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';
import { drillOn, leftOf, openSmallSite, type SmallSite, until } from './lab.ts';

const script = fileURLToPath(new URL('../lifecycle/killed-run.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
vi.setConfig({ testTimeout: 120_000 });

let site: SmallSite;
let home: Pitwall;

beforeAll(async () => {
  site = await openSmallSite();
  home = pitwall();
}, 120_000);
afterAll(async () => {
  home[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
});

async function killedAt(drills: string, ...at: string[]): Promise<void> {
  const slowly = at[0] === 'during';
  const params = [site.operate, `steal: { volumes: [${site.box.name('data')}] }`, `drills: [${drills}]`, site.cut(slowly)];
  home.file('drill.yaml', drillOn(`names: [${site.box.name('app')}]`, params));
  const child = spawn(process.execPath, ['--import', tsx, script, 'drill.yaml', ...at], {
    cwd: home.home,
    env: { ...process.env, PITWALL_HOME: home.home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const signal = await new Promise((resolve) => child.on('exit', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
}

const reads = () => docker('exec', site.box.name('app'), ...site.read).catch(() => 'nothing');

/** The first exec reads at home, the second cuts, the third is the first read while it is cut. */
const places = [
  ['as it is being cut, which goes on by itself', 'during', '2', '3'],
  ['once it is cut', 'after', '2', 'nothing'],
  ['right before the right is cut', 'before', '2', '3'],
] as const;
test.each(process.env.PITWALL_TEST_FULL !== undefined ? places : places.slice(0, 2))('%s', async (_what, place, count, then) => {
  await killedAt('cut', place, 'exec', count);
  expect(await reads()).toBe(then);
  const answer = await home.call('recover');
  expect([answer.exitCode, answer.stderr]).toEqual([0, '']);
  expect(answer.stdout).toMatch(/has its right again: it can read 3 records/);
  // a cut that went on by itself has come to its end
  await until(async () => !(await docker('top', site.box.name('anchor'))).includes('sleep 3'));
  expect(await reads()).toBe('3');
  expect((await home.call('recover')).stdout).not.toContain('right');
});

test('an anchor that is down when it is recovered: that is told, the target is not practised on meanwhile, and it is given back later', async () => {
  await killedAt('cut', 'after', 'exec', '2');
  await docker('stop', '-t', '0', site.box.name('anchor'));
  const answer = await home.call('recover');
  expect([answer.exitCode, answer.stdout + answer.stderr]).toEqual([5, expect.stringContaining('anchor does not run: start it')]);
  const { record, exitCode } = await home.run('drill.yaml');
  expect([record.verdict, exitCode, record.reason]).toEqual(['refused', 4, expect.stringContaining('not settled')]);
  await docker('start', site.box.name('anchor'));
  expect((await home.call('recover')).exitCode).toBe(0);
  expect(await reads()).toBe('3');
});

test('killed in a theft, the copies are swept', async () => {
  await killedAt('theft', 'before', 'wait', '1');
  const answer = await home.call('recover');
  expect([answer.exitCode, answer.stderr]).toEqual([0, '']);
  const id = /run (\w+) \(anchor\) was ended/.exec(answer.stdout)?.[1] ?? '';
  expect(id).not.toBe('');
  expect(await leftOf(id)).toEqual([]);
});
