import { afterAll, beforeAll, expect, test } from 'vitest';
import { reverseUptime } from '../../src/drills/reverse-uptime/index.ts';
import { docker } from '../support/containers.ts';
import { type DrillLab, openDrillLab } from './drill-lab.ts';

let lab: DrillLab;
beforeAll(async () => {
  lab = await openDrillLab('drill-drift');
});
afterAll(() => lab.close());

const given = { maxUptime: '1ms', onDrift: 'freeze' };
const idle = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];

test('an outgoing container with an executable that its image has not is kept frozen, and another runs in its place', async () => {
  const id = await lab.lab.run('drifted', { Cmd: idle });
  const name = `${lab.lab.mark}-drifted`;
  await lab.lab.shell(id, 'cp /bin/busybox /implant && chmod 755 /implant');
  const seen = await lab.practise(reverseUptime, [await lab.target(id)], given);
  expect(seen.error).toBeNull();
  const made = await lab.engine.inspect(name);
  expect(made.Id).not.toBe(id);
  expect(made.State.Running).toBe(true);
  expect(await lab.engine.changes(made.Id)).toEqual([]);
  const old = await lab.engine.inspect(id);
  expect(old.State).toMatchObject({ Running: true, Paused: true });
  const [result] = seen.results;
  expect(result?.evidence).toMatchObject({ disposition: 'replace', container: { id }, hold: { onExpiry: 'kill' } });
  expect(seen.outcomes).toEqual({ [name]: 'frozen and replaced' });
  expect(seen.events.find((event) => event.startsWith('kept:'))).toContain(result?.evidence.id);
  expect(seen.measured).toMatchObject({ recycled: 1, drift_files: 1, over_age: expect.any(Number), time_to_healthy: expect.any(Number) });
  expect(seen.events.find((event) => event.startsWith('unexpected:'))).toContain('/implant');
  // it carries none of our labels: the lab's own sweep of test labels takes it
  await docker('unpause', id);
  await docker('rm', '-f', id);
});

test('one whose files alone changed is recycled as ever', async () => {
  const id = await lab.lab.run('tidy', { Cmd: idle });
  await lab.lab.shell(id, 'echo x > /etc/note');
  const name = `${lab.lab.mark}-tidy`;
  const seen = await lab.practise(reverseUptime, [await lab.target(id)], given);
  expect(seen.error).toBeNull();
  expect(seen.outcomes).toEqual({ [name]: 'recycled' });
  expect(seen.results).toEqual([]);
  expect(await docker('ps', '-aq', '--no-trunc', '--filter', `id=${id}`)).toBe('');
});

test('what shares its namespaces is refused by the plan', async () => {
  const owner = await lab.lab.run('owner', { Cmd: idle });
  const joiner = await lab.lab.run('joiner', { Cmd: idle, HostConfig: { NetworkMode: `container:${owner}` } });
  const both = [await lab.target(owner), await lab.target(joiner)];
  await expect(lab.practise(reverseUptime, both, given)).rejects.toMatchObject({
    code: 'cannot_freeze',
    message: expect.stringMatching(/share namespaces or volumes, so none of them can be frozen/),
  });
});

test('freeze needs a layer that goes and an image that stays', () => {
  const issues = (params: object) => reverseUptime.params.safeParse({ ...given, ...params }).error?.issues.map(({ message }) => message);
  expect(issues({ mode: 'restart' })).toEqual(['"freeze" needs mode: recreate: a restart keeps the layer']);
  expect(issues({ image: 'current' })).toEqual(['"freeze" needs image: pinned: what replaces it is made from the image that it runs']);
  expect(issues({})).toBeUndefined();
});
