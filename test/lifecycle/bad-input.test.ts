import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { killScript } from '../../src/drills/lifecycle/scripts.ts';
import { machineHasBusybox } from '../support/busybox.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';
import { asksDb, behaves, db, finding, healthcheck, homeWithBusybox, leftOf, service, states } from './lab.ts';

// many containers each, on an engine that others may keep busy
vi.setConfig({ testTimeout: 120_000 });

let box: Fixture;
let home: Pitwall;
let bare: Pitwall;
let shellLess: string;

beforeAll(async () => {
  box = fixture();
  home = await homeWithBusybox(box);
  bare = pitwall();
  shellLess = `pitwall-test/${box.id}:1`;
  const root = join(home.home, 'root');
  mkdirSync(root);
  // it does what it is called, and nothing else is in the image
  copyFileSync(join(home.home, 'helper/busybox'), join(root, 'sleep'));
  chmodSync(join(root, 'sleep'), 0o755);
  execFileSync('tar', ['-C', root, '-cf', join(home.home, 'root.tar'), 'sleep']);
  await docker('import', join(home.home, 'root.tar'), shellLess);
  await docker('network', 'create', '--label', box.label, box.name('net'));
});
afterAll(async () => {
  home[Symbol.dispose]();
  bare[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
  await docker('rmi', shellLess);
});

async function practise(where: Pitwall, name: string, params: string, rest = '') {
  const path = where.file(
    `${name}.yaml`,
    `name: ${name}\nkind: lifecycle\ntargets: { names: [${box.name(name)}] }\nparams: { watch: 500ms, ${params} }\n${rest}`,
  );
  const seen = await where.run(path);
  expect(await leftOf(seen.record.id)).toEqual([]);
  return { ...seen, states: states(box, seen.record).map((line) => line.slice(name.length + 1)) };
}

describe.concurrent('what cannot be told is said to be unknown', () => {
  test('an image without a shell, read-only and without rights, is practised like any other', async () => {
    const confined = ['--read-only', '--user', '65534:65534', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    const labels = ['--label', box.label, '--label', 'pitwall.drills=lifecycle'];
    await docker(
      'run',
      '-d',
      '--name',
      box.name('shell-less'),
      ...labels,
      ...confined,
      '--restart',
      'always',
      '--stop-timeout',
      '1',
      shellLess,
      '/sleep',
      '3600',
    );
    const seen = await practise(home, 'shell-less', 'checks: [sigterm, zombies, comes-back, two-copies]');
    expect(seen.states).toEqual(['LC-01 broken', 'LC-02 broken', 'LC-03 holds', 'LC-06 holds']);
    expect(seen.exitCode).toBe(1);
  });

  test('a clone that ends at once answers nothing: inconclusive', async () => {
    const seed = `[ -e /seeded ] || exit 4; ${behaves}`;
    await docker(
      'create',
      '--name',
      box.name('picky'),
      '--label',
      box.label,
      '--label',
      'pitwall.drills=all',
      'pitwall-fixture/busybox:1',
      'sh',
      '-c',
      seed,
    );
    await docker('cp', join(home.home, 'root.tar'), `${box.name('picky')}:/seeded`);
    await docker('start', box.name('picky'));
    const seen = await practise(home, 'picky', 'checks: [sigterm, zombies, comes-back, two-copies]');
    expect(seen.states).toEqual(['LC-01 inconclusive', 'LC-02 inconclusive', 'LC-03 inconclusive', 'LC-06 inconclusive']);
    expect(finding(box, seen.record, 'picky', 'LC-01').evidence).toBe('its clone ended with exit code 4');
    expect([seen.record.verdict, seen.exitCode]).toEqual(['inconclusive', 3]);
  });

  test('one with devices of the host is not run as a clone: not applicable, and nothing was tested', async () => {
    await box.run('device', '--device', '/dev/null:/dev/zero2', '--', 'sh', '-c', behaves);
    const seen = await practise(home, 'device', 'checks: [sigterm, comes-back]');
    expect(seen.states).toEqual(['LC-01 not-applicable', 'LC-03 not-applicable']);
    expect([seen.record.verdict, seen.exitCode]).toEqual(['inconclusive', 3]);
    expect(seen.record.reason).toContain('came to an answer');
  });

  test('one in the network and the processes of the host is practised as a clone in neither', async () => {
    await box.run('host', '--network', 'host', '--pid', 'host', '--restart', 'always', '--', 'sh', '-c', behaves);
    const seen = await practise(home, 'host', 'checks: [sigterm, zombies, comes-back, any-order]');
    expect(seen.states).toEqual(['LC-01 holds', 'LC-02 holds', 'LC-03 holds', 'LC-04 not-applicable']);
    const before = await docker('inspect', '--format', '{{.State.StartedAt}}', box.name('host'));
    const on = await practise(home, 'host', 'on: target, checks: [zombies, comes-back]');
    expect(on.states).toEqual(['LC-02 not-applicable', 'LC-03 not-applicable']);
    expect(await docker('inspect', '--format', '{{.State.StartedAt}}', box.name('host'))).toBe(before);
  });

  test('what kills a first process does nothing where that would be the host’s', async () => {
    // without the capability, so that nothing could happen here even if it did not look
    const helper = ['--rm', '--label', box.label, '--pid', 'host', '--cap-drop', 'ALL', 'pitwall-fixture/busybox:1'];
    const said = await docker('run', ...helper, 'sh', '-c', `B=$(readlink -f /proc/self/exe)\n${killScript}`).catch(
      (error: { stdout: string }) => error.stdout,
    );
    expect(said.trim()).toBe('host');
    // nor in one of its own, where it is the first
    const alone = ['--rm', '--label', box.label, '--cap-drop', 'ALL', 'pitwall-fixture/busybox:1'];
    const own = await docker('run', ...alone, 'sh', '-c', `B=$(readlink -f /proc/self/exe)\n${killScript}`).catch(
      (error: { stdout: string }) => error.stdout,
    );
    expect(own.trim()).toBe('alone');
  });

  test.skipIf(machineHasBusybox)(
    'without a busybox in the helper image some cannot be told, and an objective on them is not met by silence',
    async () => {
      await box.run('no-tools', '--restart', 'always', '--', 'sh', '-c', behaves);
      const seen = await practise(bare, 'no-tools', 'checks: [sigterm, zombies, comes-back]', 'objectives: { restart_time: 5s }');
      expect(seen.states).toEqual(['LC-01 holds', 'LC-02 inconclusive', 'LC-03 inconclusive']);
      expect(finding(box, seen.record, 'no-tools', 'LC-03').evidence).toContain('no static busybox');
      expect([seen.record.verdict, seen.exitCode]).toEqual(['inconclusive', 3]);
    },
  );

  test('what is only guessed to be needed proves no lie, but the truth where it is told', async () => {
    await box.run('db', ...service(box, 'db'), '--', ...db);
    await box.run('peer-liar', ...service(box, 'liar'), ...healthcheck('true'), '--', 'sh', '-c', behaves);
    await box.run('peer-honest', ...service(box, 'honest'), ...healthcheck(asksDb), '--', 'sh', '-c', behaves);
    const params = 'checks: [any-order, honest-health], parallel: 2, dependencies: { honest: [db] }';
    home.file('peers.yaml', `name: peers\nkind: lifecycle\ntargets: { names: [${box.name('peer')}-*] }\nparams: { ${params} }\n`);
    const { record } = await home.run('peers.yaml');
    expect(states(box, record)).toEqual([
      'peer-honest LC-04 holds',
      'peer-honest LC-05 holds',
      'peer-liar LC-04 inconclusive',
      'peer-liar LC-05 inconclusive',
    ]);
    expect(finding(box, record, 'peer-liar', 'LC-04').evidence).toMatch(
      /without db, honest, it called itself healthy .* params.dependencies/,
    );
    // of one of the two nothing was learned, and that is no pass
    expect([record.verdict, record.reason]).toEqual(['inconclusive', expect.stringContaining(`no check of ${box.name('peer-liar')}`)]);
    expect(await leftOf(record.id)).toEqual([]);
  });
});
