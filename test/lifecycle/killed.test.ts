import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { docker, type Fixture, fixture } from '../support/containers.ts';
import type { Pitwall } from '../support/pitwall.ts';
import { asksDb, behaves, db, healthcheck, homeWithBusybox, leftOf, service } from './lab.ts';

const script = fileURLToPath(new URL('./killed-run.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
// many containers each, on an engine that others may keep busy
vi.setConfig({ testTimeout: 120_000 });

let box: Fixture;

beforeAll(async () => {
  box = fixture();
  await docker('network', 'create', '--label', box.label, box.name('net'));
  await docker('volume', 'create', '--label', box.label, box.name('data'));
  await box.run('db', ...service(box, 'db'), '--', ...db);
  const data = ['-v', `${box.name('data')}:/data`];
  await box.run(
    'clone',
    ...service(box, 'clone', ['db']),
    ...data,
    '--restart',
    'always',
    ...healthcheck(asksDb),
    '--',
    'sh',
    '-c',
    behaves,
  );
});
afterAll(async () => {
  await box[Symbol.asyncDispose]();
});

async function killedAt(name: string, params: string, ...at: string[]): Promise<Pitwall> {
  const home = await homeWithBusybox(box);
  home.file('drill.yaml', `name: killed\nkind: lifecycle\ntargets: { names: [${box.name(name)}] }\nparams: { watch: 1s, ${params} }\n`);
  const child = spawn(process.execPath, ['--import', tsx, script, 'drill.yaml', ...at], {
    cwd: home.home,
    env: { ...process.env, PITWALL_HOME: home.home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const signal = await new Promise((resolve) => child.on('exit', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  return home;
}

/** What recover says that it did. The run's id is in it. */
async function recovered(home: Pitwall): Promise<string> {
  const answer = await home.call('recover');
  expect([answer.exitCode, answer.stderr]).toEqual([0, '']);
  const id = /run (\w+) \(killed\) was ended: its process is gone/.exec(answer.stdout)?.[1] ?? '';
  expect(id).not.toBe('');
  expect(await leftOf(id)).toEqual([]);
  return answer.stdout;
}

const full = process.env.PITWALL_TEST_FULL !== undefined;
/** One of each sort where time counts: before the first touch of a clone, between two, after the last. */
const onClone = (
  [
    ['any-order', 'after', 'start', '2'],
    ['zombies', 'before', 'wait', '1'],
    ['comes-back', 'before', 'wait', '1'],
    ['two-copies', 'after', 'start', '3'],
    ['sigterm', 'after', 'stop', '1'],
    ['honest-health', 'after', 'remove', '1'],
  ] as const
).filter(([check]) => full || ['any-order', 'comes-back', 'sigterm'].includes(check));

describe.concurrent('killed in the middle of a check', () => {
  test.for(onClone)('%s on a clone: recover leaves nothing', async ([check, ...at]) => {
    const before = await docker('inspect', '--format', '{{.State.StartedAt}} {{.RestartCount}}', box.name('clone'));
    using home = await killedAt('clone', `checks: [${check}]`, ...at);
    expect(await recovered(home)).toMatch(/container pitwall-clone-.* was removed/);
    expect(await docker('inspect', '--format', '{{.State.StartedAt}} {{.RestartCount}}', box.name('clone'))).toBe(before);
  });

  const onTarget = [
    ['sigterm', 'during', 'stop', '1'],
    ['comes-back', 'during', 'wait', '1'],
    ['sigterm', 'after', 'stop', '1'],
  ] as const;
  test.for(full ? onTarget : onTarget.slice(0, 2))(
    '%s on the target, %s the %s: after recover it runs as before',
    async ([check, place, method, count]) => {
      const name = `${check}-${place}`;
      await box.run(name, '--restart', 'always', '--stop-timeout', '2', '--', 'sleep', '3600');
      const id = await docker('inspect', '--format', '{{.Id}}', box.name(name));
      // the helper that reads who is told to stop waits first
      using home = await killedAt(name, `on: target, checks: [${check}]`, place, method, count);
      expect(await recovered(home)).toMatch(/the container (runs|was started again)/);
      expect(await docker('inspect', '--format', '{{.Id}} {{.State.Status}} {{.HostConfig.RestartPolicy.Name}}', box.name(name))).toBe(
        `${id} running always`,
      );
      // and goes on running: nothing that was asked for is still to come
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      expect(await docker('inspect', '--format', '{{.State.Status}}', box.name(name))).toBe('running');
    },
  );
});
