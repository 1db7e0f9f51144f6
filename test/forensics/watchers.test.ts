/** On the real engine, with busybox containers that are named, labelled or told as the bots are. */
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { connectEngine } from '../../src/engine/connect.ts';
import { containerFinder } from '../../src/forensics/falco/find-container.ts';
import { type Host, thisHost } from '../../src/forensics/watchers/host.ts';
import type { Warning } from '../../src/forensics/watchers/warning.ts';
import { watchersOf } from '../../src/forensics/watchers/watchers.ts';
import { docker, fixture } from '../support/containers.ts';

const containers = fixture();
const engine: Engine = connectEngine({ name: 'test', host: process.env.DOCKER_HOST ?? '', environment: 'ci' }, { clock: systemClock });
afterAll(async () => {
  await containers[Symbol.asyncDispose]();
  await engine.close();
});

const quiet: Host = { freeBytes: async () => 2 ** 40, commands: async () => [] };

/** Those that this test file caused: others may run bots on the same engine. */
async function warningsOf(id: string, host: Host = quiet, evidenceFolder?: string): Promise<Warning[]> {
  const info = await engine.info();
  const all = await watchersOf(engine, await engine.inspect(id), { info, host, evidenceFolder });
  return all.filter(({ what, detail }) => what === 'live-restore off' || what === 'low disk' || detail.includes(containers.id));
}

const what = (warnings: readonly Warning[]) => warnings.map((warning) => warning.what);

describe('watchers', () => {
  it('a container without any is warned of the engine alone', async () => {
    const id = await containers.runPlain('plain');
    expect(what(await warningsOf(id))).toEqual((await engine.info()).liveRestore ? [] : ['live-restore off']);
  });

  it('what it was made with', async () => {
    const id = await containers.runPlain('made', '--rm', '--health-cmd', 'true', '--health-interval', '30s');
    expect(what(await warningsOf(id))).toEqual(expect.arrayContaining(['auto-remove', 'healthcheck']));
    const restarted = await containers.runPlain('restarted', '--restart', 'always', '--label', 'com.docker.swarm.task.id=t1');
    expect(what(await warningsOf(restarted))).toEqual(expect.arrayContaining(['Swarm', 'restart policy']));
  });

  it('bots that run, while they run, also for one that is frozen already', async () => {
    const target = await containers.runPlain(
      'target',
      '--health-cmd',
      'true',
      '--health-interval',
      '30s',
      '--label',
      `${containers.id}.heal=true`,
    );
    const other = await containers.runPlain('unchecked', '--label', `${containers.id}.heal=true`);
    const scope = ['-e', `WATCHTOWER_SCOPE=${containers.id}`];
    await containers.runPlain('autoheal', '-e', `AUTOHEAL_CONTAINER_LABEL=${containers.id}.heal`);
    await containers.runPlain('updates', '--label', 'com.centurylinklabs.watchtower=true', ...scope, '--', 'tail', '-f', '/dev/null');
    await containers.runPlain('ouroboros', '-e', `MONITOR=${containers.name('target')}`);

    await docker('pause', target);
    const paused = await engine.inspect(target);
    // The fact that autoheal is dangerous for.
    expect(paused.State.Health?.Status).toBe('unhealthy');
    expect(what(await warningsOf(target))).toEqual(expect.arrayContaining(['autoheal', 'ouroboros', 'healthcheck']));
    expect(what(await warningsOf(target))).not.toContain('watchtower');
    expect(what(await warningsOf(other))).not.toContain('autoheal');

    const scoped = await containers.runPlain('scoped', '--label', `com.centurylinklabs.watchtower.scope=${containers.id}`);
    expect(what(await warningsOf(scoped))).toContain('watchtower');

    await docker('pause', containers.name('autoheal'));
    expect(what(await warningsOf(target))).not.toContain('autoheal');
    await docker('unpause', containers.name('autoheal'), target);
  });

  it('a disk that is full, and compose watch, on this machine', async () => {
    const id = await containers.runPlain('composed', '--label', `com.docker.compose.project=${containers.id}`);
    const host: Host = { freeBytes: async () => 1_000, commands: async () => [['docker', 'compose', 'watch']] };
    const warnings = await warningsOf(id, host, '/the/evidence');
    expect(what(warnings)).toEqual(expect.arrayContaining(['compose watch', 'low disk']));
    const paths = warnings.filter((warning) => warning.what === 'low disk').map(({ detail }) => detail.split(' ')[0]);
    expect(paths).toEqual([(await engine.info()).rootDir, '/the/evidence']);
  });

  it('looks at the real machine', async () => {
    expect(await thisHost.freeBytes('/')).toBeGreaterThan(0);
    expect(await thisHost.freeBytes('/no/such/folder')).toBeNull();
    expect(await thisHost.commands()).toContainEqual(expect.arrayContaining([expect.stringContaining('node')]));
  });
});

it('an alert’s 12 characters lead to the container, running or paused, and not once it has ended', async () => {
  const id = await containers.runPlain('alerted');
  const find = containerFinder([engine]);
  const expected = { state: 'found', found: { engineId: (await engine.info()).id, container: { id, name: containers.name('alerted') } } };
  expect(await find(id.slice(0, 12))).toMatchObject(expected);
  await docker('pause', id);
  expect(await find(id.slice(0, 12))).toMatchObject(expected);
  await docker('rm', '-f', id);
  expect(await find(id.slice(0, 12))).toEqual({ state: 'none' });
});
