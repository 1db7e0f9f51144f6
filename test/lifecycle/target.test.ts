import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { docker, type Fixture, fixture } from '../support/containers.ts';
import type { Pitwall } from '../support/pitwall.ts';
import { behaves, finding, homeWithBusybox, leftOf, states } from './lab.ts';

// many containers each, on an engine that others may keep busy
vi.setConfig({ testTimeout: 120_000 });

let box: Fixture;
let home: Pitwall;

beforeAll(async () => {
  box = fixture();
  home = await homeWithBusybox(box);
});
afterAll(async () => {
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

async function practise(names: readonly string[], params: string, rest = '') {
  const targets = names.map((name) => box.name(name)).join(', ');
  const path = `${names.join('-')}.yaml`;
  home.file(path, `name: on-target\nkind: lifecycle\ntargets: { names: [${targets}] }\nparams: { on: target, ${params} }\n${rest}`);
  return home.run(path);
}

async function look(name: string): Promise<{ id: string; startedAt: string; running: string; zombies: string }> {
  const format = '{{.Id}} {{.State.StartedAt}} {{.State.Status}}';
  const [id = '', startedAt = '', running = ''] = (await docker('inspect', '--format', format, box.name(name))).split(' ');
  // what the helper left is in its cgroup, where `docker top` does not look
  const processes = await docker('exec', box.name(name), 'sh', '-c', 'grep -l "^State:.Z" /proc/[0-9]*/status || true');
  return { id, startedAt, running, zombies: processes };
}

/** Whether a helper of ours is among its processes. */
async function joined(id: string): Promise<boolean> {
  const helpers = (await docker('ps', '-aq', '--filter', 'label=pitwall.role=lifecycle')).split('\n').filter(Boolean);
  const modes = await Promise.all(
    helpers.map((helper) => docker('inspect', '--format', '{{.HostConfig.PidMode}}', helper).catch(() => '')),
  );
  return modes.includes(`container:${id}`);
}

describe.concurrent('on the target itself', () => {
  test('one that behaves is stopped and killed in place, and runs again as it did', async () => {
    await box.run('good', '--restart', 'always', '--stop-timeout', '2', '--', 'sh', '-c', behaves);
    const before = await look('good');
    const { record, exitCode } = await practise(['good'], 'checks: [sigterm, zombies, comes-back]');
    expect(states(box, record)).toEqual(['good LC-01 holds', 'good LC-02 holds', 'good LC-03 holds']);
    expect([record.verdict, exitCode, record.residue]).toEqual(['passed', 0, []]);
    expect(record.targets.map(({ outcome }) => outcome)).toEqual(['practised']);
    expect(record.measurements.map(({ name }) => name).sort()).toEqual(['restart_time', 'stop_time', 'time_to_healthy']);
    const after = await look('good');
    expect([after.id, after.running]).toEqual([before.id, 'running']);
    expect(after.startedAt > before.startedAt).toBe(true);
    expect(await leftOf(record.id)).toEqual([]);
  });

  test('one that does not is broken, and runs all the same; what would stay down is not killed', async () => {
    await box.run('deaf', '--stop-timeout', '1', '--', 'sleep', '3600');
    const before = await look('deaf');
    const { record, exitCode } = await practise(['deaf'], 'checks: [sigterm, zombies, comes-back]');
    expect(states(box, record)).toEqual(['deaf LC-01 broken', 'deaf LC-02 broken', 'deaf LC-03 broken']);
    expect(finding(box, record, 'deaf', 'LC-03').evidence).toContain('it was not killed to see it');
    // the zombie went with the process that did not reap it
    expect([record.verdict, exitCode, record.residue]).toEqual(['failed', 1, []]);
    const after = await look('deaf');
    expect([after.id, after.running, after.zombies]).toEqual([before.id, 'running', '']);
    expect(after.startedAt > before.startedAt).toBe(true);
  });

  test('a zombie that nothing takes away is told as residue', async () => {
    await box.run('hoarder', '--', 'sleep', '3600');
    const { record, exitCode } = await practise(['hoarder'], 'checks: [zombies]');
    expect(states(box, record)).toEqual(['hoarder LC-02 broken']);
    // zombies weigh little: they fail no run by themselves
    expect([record.verdict, exitCode]).toEqual(['passed', 5]);
    expect(record.residue[0]).toMatch(/hoarder: a zombie of the check .* stays until it is restarted/);
    expect((await look('hoarder')).zombies).not.toBe('');
  });

  test('what does not stay up after its restart is broken, and started again', async () => {
    // it ends, for good, when it finds that it had been running
    const once = `[ -e /once ] && rm /once && exit 7; touch /once; ${behaves}`;
    await box.run('fragile', '--restart', 'on-failure:1', '--', 'sh', '-c', once);
    const { record, exitCode } = await practise(['fragile'], 'checks: [comes-back]');
    expect(states(box, record)).toEqual(['fragile LC-03 broken']);
    expect(finding(box, record, 'fragile', 'LC-03').evidence).toMatch(/ended with exit code 7$/);
    expect([exitCode, (await look('fragile')).running]).toEqual([1, 'running']);
  });

  test('one that could not be brought back is refused', async () => {
    await box.run('removes-itself', '--rm', '--', 'sh', '-c', behaves);
    const { record, exitCode } = await practise(['removes-itself'], 'checks: [sigterm]');
    expect([record.verdict, exitCode, record.findings]).toEqual(['refused', 4, []]);
    expect(record.reason).toContain('removes itself when it stops');
    expect((await look('removes-itself')).running).toBe('running');
  });

  test('a target that is gone half-way is a failure, not an answer', async () => {
    const id = await box.run('gone', '--stop-timeout', '20', '--', 'sleep', '3600');
    const targets = `names: [${box.name('gone')}]`;
    home.file('gone.yaml', `name: gone\nkind: lifecycle\ntargets: { ${targets} }\nparams: { on: target, checks: [sigterm] }\n`);
    const running = home.run('gone.yaml');
    // its helper has looked at it: it is about to be told to stop
    while (!(await joined(id))) await new Promise((go) => setTimeout(go, 50));
    await docker('rm', '-f', box.name('gone'));
    const { record, exitCode } = await running;
    expect([record.verdict, exitCode, record.targets[0]?.outcome]).toEqual(['failed', 1, 'gone']);
    expect(record.reason).toContain('was removed by somebody');
    expect(await leftOf(record.id)).toEqual([]);
  });
});
