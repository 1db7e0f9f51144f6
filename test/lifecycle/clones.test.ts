import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';
import type { Pitwall } from '../support/pitwall.ts';
import { asksDb, behaves, db, drill, finding, healthcheck, homeWithBusybox, leftOf, service, states } from './lab.ts';

// many containers each, on an engine that others may keep busy
vi.setConfig({ testTimeout: 120_000 });

let box: Fixture;
let home: Pitwall;
let record: RunRecord;
let exitCode: number | null;
let before: string[];

const lock = 'mkdir /data/lock || exit 1; trap "rmdir /data/lock; exit 0" TERM; while :; do sleep 0.1 & wait $!; done';
const specimens = ['good', 'deaf', 'stale', 'once', 'stuck'];

/** Each as good or as bad as its name says; all run in their own place, where nothing of it shows. */
beforeAll(async () => {
  box = fixture();
  home = await homeWithBusybox(box);
  await docker('network', 'create', '--label', box.label, box.name('net'));
  for (const volume of ['data', 'lock']) await docker('volume', 'create', '--label', box.label, box.name(volume));
  await box.run('db', ...service(box, 'db'), '--', ...db);
  const needsDb = (name: string) => service(box, name, ['db']);
  const policy = (name: string) => ['--restart', name, '--stop-timeout', '2'];
  const data = ['-v', `${box.name('data')}:/data`];
  await Promise.all([
    box.run('good', ...needsDb('good'), ...policy('unless-stopped'), ...data, ...healthcheck(asksDb), '--', 'sh', '-c', behaves),
    // no init, no handler, no policy, and a health check that is happy whatever happens
    box.run('deaf', ...needsDb('deaf'), '--stop-timeout', '1', ...healthcheck('true'), '--', 'sleep', '3600'),
    // what a crash leaves in its volume, and another copy, keeps it from starting
    box.run('stale', ...needsDb('stale'), ...policy('on-failure:1'), '-v', `${box.name('lock')}:/data`, '--', 'sh', '-c', lock),
    // without its database it ends for good
    box.run('once', ...needsDb('once'), ...policy('no'), ...healthcheck(asksDb), '--', 'sh', '-c', `${asksDb} || exit 3; ${behaves}`),
    // looks for its database at its start only, and never again
    box.run(
      'stuck',
      ...needsDb('stuck'),
      ...policy('always'),
      ...healthcheck('test ! -e /tmp/stuck'),
      '--',
      'sh',
      '-c',
      `rm -f /tmp/stuck; ${asksDb} || touch /tmp/stuck; ${behaves}`,
    ),
  ]);
  before = await originals();
  home.file('drill.yaml', drill(box, specimens, 'params: { watch: 1s, parallel: 5 }'));
  ({ record, exitCode } = await home.run('drill.yaml'));
}, 240_000);
afterAll(async () => {
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

async function originals(): Promise<string[]> {
  const names = await box.running();
  return Promise.all(
    names.map(async (name) => {
      const state = await docker(
        'inspect',
        '--format',
        '{{.Name}} {{.State.StartedAt}} {{.RestartCount}} {{json .NetworkSettings.Networks}}',
        name,
      );
      return `${state} ${await docker('diff', name)}`;
    }),
  );
}

test('each check tells the good from the bad, and says what it cannot tell', () => {
  expect(states(box, record)).toEqual(
    [
      ...['LC-01', 'LC-02', 'LC-03', 'LC-04', 'LC-05', 'LC-06'].map((id) => `good ${id} holds`),
      'deaf LC-01 broken',
      'deaf LC-02 broken',
      'deaf LC-03 broken',
      'deaf LC-04 broken',
      'deaf LC-05 broken',
      'deaf LC-06 holds',
      'stale LC-01 holds',
      'stale LC-02 holds',
      'stale LC-03 broken',
      // without a healthcheck nobody knows whether it waits
      'stale LC-04 inconclusive',
      'stale LC-05 broken',
      'stale LC-06 broken',
      'once LC-01 holds',
      'once LC-02 holds',
      'once LC-03 broken',
      'once LC-04 broken',
      'once LC-05 holds',
      'once LC-06 holds',
      'stuck LC-01 holds',
      'stuck LC-02 holds',
      'stuck LC-03 holds',
      'stuck LC-04 broken',
      'stuck LC-05 broken',
      'stuck LC-06 holds',
    ].sort(),
  );
  expect([record.verdict, exitCode, record.residue]).toEqual(['failed', 1, []]);
});

test('the evidence says what was done, what was seen, and who did not listen', () => {
  const evidence = (name: string, probe: string) => finding(box, record, name, probe).evidence;
  expect(evidence('deaf', 'LC-01')).toMatch(
    /^docker stop -t 1: exit code 137 after 1\.\d s; killed when its grace period was over; .*sleep, which has no handler for SIGTERM$/,
  );
  expect(evidence('good', 'LC-01')).toMatch(/exit code 0 after [\d.]+ m?s; its first process is sh, which handles SIGTERM$/);
  expect(evidence('deaf', 'LC-02')).toContain('adopted by process 1; and was a zombie');
  expect(evidence('good', 'LC-03')).toMatch(
    /its restart policy is unless-stopped: started again after [\d.]+ m?s; up .* \(restart count 1\)$/,
  );
  expect(evidence('deaf', 'LC-03')).toMatch(/its restart policy is no: it was ended with exit code 129/);
  expect(evidence('stale', 'LC-03')).toMatch(/on-failure: started again after [\d.]+ m?s; but it .*exit code 1/);
  expect(evidence('good', 'LC-04')).toMatch(
    /^started without db, it was running, unhealthy after .*; up (by the time they were|.* after they had appeared)/,
  );
  expect(evidence('once', 'LC-04')).toMatch(/it had ended with exit code 3, for good .* a clone that was started after them .* was up$/);
  expect(evidence('stuck', 'LC-04')).toMatch(
    /once they had appeared it was running, unhealthy.*a clone that was started after them .* was up$/,
  );
  expect(evidence('good', 'LC-05')).toMatch(/^healthy with db; these were removed; .* later it was running, unhealthy/);
  expect(evidence('deaf', 'LC-05')).toMatch(/later it was still running, healthy/);
  expect(evidence('stale', 'LC-06')).toMatch(
    /second was started on the same scratch volumes \(\/data\); the second ended with exit code 1/,
  );
});

test('times are measured of each, and stopping is held against its own grace period', () => {
  const of = (name: string) =>
    Object.fromEntries(record.measurements.filter(({ target }) => target === box.name(name)).map((one) => [one.name, one]));
  expect(of('good').stop_time).toMatchObject({ objective: { max: 2_000 }, met: true });
  expect(of('deaf').stop_time).toMatchObject({ objective: { max: 1_000 }, met: false });
  expect(of('good').restart_time?.value).toBeGreaterThan(50);
  expect(of('good').restart_time?.value).toBeLessThan(10_000);
  expect(of('good').time_to_healthy?.value).toBeLessThan(30_000);
  expect(of('deaf').restart_time).toBeUndefined();
});

test('the originals are as before, and nothing of ours is left', async () => {
  expect(await originals()).toEqual(before);
  expect(await leftOf(record.id)).toEqual([]);
});

test('the example validates and runs as it stands, and passes where all is well', async () => {
  const text = readFileSync(new URL('../../drills/pit-stop.yaml', import.meta.url), 'utf8');
  const mine = home.file('pit-stop.yaml', text.replace('project: shop, services: [web, api]', `project: ${box.id}, services: [good]`));
  expect(text).not.toBe(readFileSync(mine, 'utf8'));
  expect(await home.call('validate', 'pit-stop.yaml')).toMatchObject({ exitCode: 0 });
  const seen = await home.run('pit-stop.yaml');
  expect([seen.record.verdict, seen.exitCode, seen.record.reason]).toEqual(['passed', 0, '1 practised on a clone']);
  expect(seen.record.findings.map(({ probe, state }) => `${probe} ${state}`).sort()).toEqual(
    ['LC-01', 'LC-02', 'LC-03', 'LC-04', 'LC-05'].map((id) => `${id} holds`),
  );
  expect(seen.record.measurements.map(({ name, met }) => `${name} ${met}`).sort()).toEqual([
    'restart_time true',
    'stop_time true',
    'time_to_healthy true',
  ]);
  expect(await leftOf(seen.record.id)).toEqual([]);
});
