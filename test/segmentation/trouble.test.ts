import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import { docker } from '../support/containers.ts';
import { helpersOf, type Lab, lab, leftOf, seenIn } from './lab.ts';

let world: Lab;

beforeAll(async () => {
  world = lab();
  const [one, two] = [await world.network('one'), await world.network('two')];
  await world.service('web', '--network', one);
  await world.service('api', '--network', two);
  await world.service('frail', '--network', one);
  await world.ready();
});
afterAll(() => world[Symbol.asyncDispose]());

const policy = 'policy: { host: allow, allow: [{ from: web, to: frail, port: 8080 }, { from: frail, to: web, port: 8080 }] }';

/** Its helpers are inside the namespaces, and their connections wait for answers that do not come. */
async function underWay(): Promise<void> {
  while ((await helpersOf(world.home)).length < 4);
}

const everything = async () =>
  (
    await Promise.all([
      docker('ps', '-a', '--filter', `label=${world.box.label}`, '--format', '{{.Names}} {{.Networks}} {{.State}}'),
      docker('network', 'ls', '--filter', `label=${world.box.label}`, '-q'),
    ])
  ).join('\n');

test('a target that ends during the drill: what is known of it is nothing, and the rest is told', async () => {
  const run = world.home.start('run', world.drill(policy), '--json');
  await underWay();
  await docker('kill', world.box.name('frail'));
  const { exitCode, stdout } = await run.ended;
  const record = JSON.parse(stdout) as RunRecord;
  const { cells, finding, broken } = seenIn(exitCode, record, world.home);
  expect([exitCode, record.verdict, broken]).toEqual([3, 'inconclusive', []]);
  expect(finding('frail: not known')?.evidence).toContain('ended during the drill');
  expect(new Set(cells.filter(({ from, to }) => from === 'frail' || to === 'frail').map(({ measured }) => measured))).toEqual(
    new Set(['unknown']),
  );
  expect(cells.find(({ from, to }) => from === 'web' && to === 'api')?.measured).toBe('closed');
  expect(await leftOf(record.id)).toBe('');
  await docker('start', world.box.name('frail'));
});

test('killed with SIGKILL in the middle: recover leaves nothing, and the targets as they were', async () => {
  const before = await everything();
  const run = world.home.start('run', world.drill(policy), '--json');
  await underWay();
  run.child.kill('SIGKILL');
  await run.ended;
  const [last] = JSON.parse((await world.home.call('runs', '--limit', '1', '--json')).stdout) as { id: string }[];
  expect(await leftOf(last?.id ?? '')).not.toBe('');
  const recovered = await world.home.call('recover');
  expect([recovered.exitCode, recovered.stderr]).toEqual([0, '']);
  expect(await leftOf(last?.id ?? '')).toBe('');
  expect(await everything()).toBe(before);
});

test('told to stop: it is aborted, and nothing is left', async () => {
  const run = world.home.start('run', world.drill(policy), '--json');
  await underWay();
  run.child.kill('SIGINT');
  const { exitCode, stdout } = await run.ended;
  const record = JSON.parse(stdout) as RunRecord;
  expect([exitCode, record.verdict]).toEqual([4, 'aborted']);
  expect(await leftOf(record.id)).toBe('');
});

test.runIf(process.env.PITWALL_TEST_FULL !== undefined)(
  'held over a change of the rules: no new connection gets through, and the old one is told of',
  async () => {
    await docker('start', world.box.name('frail'));
    const { Pid } = JSON.parse(await docker('inspect', '-f', '{{json .State}}', world.box.name('web'))) as { Pid: number };
    const rules = (...args: string[]) => promisify(execFile)('nsenter', ['-t', String(Pid), '-n', 'iptables', ...args]);
    const state = ['-m', 'conntrack', '--ctstate', 'NEW', '-p', 'tcp', '--dport', '8080'];
    const run = world.home.start('run', world.drill(`held: 3s\n${policy.replace(', { from: frail, to: web, port: 8080 }', '')}`));
    await run.saw('connections are held open');
    await rules('-A', 'INPUT', ...state, '!', '-i', 'lo', '-j', 'DROP');
    const { stdout } = await run.ended;
    expect(stdout).toMatch(/broken {2}(critical|high) {2}NET-04 frail → web:8080 .*\n.*the one that was made before the change lives on/);
    await rules('-F', 'INPUT');
    // a rule that cuts what stands as well: the wall is whole
    const again = world.home.start('run', world.drill(`held: 3s\n${policy.replace(', { from: frail, to: web, port: 8080 }', '')}`));
    await again.saw('connections are held open');
    await rules('-A', 'INPUT', '-p', 'tcp', '--dport', '8080', '!', '-i', 'lo', '-j', 'DROP');
    const cut = await again.ended;
    await rules('-F', 'INPUT');
    expect([cut.exitCode, cut.stdout.includes('frail → web')]).toEqual([0, false]);
  },
);
