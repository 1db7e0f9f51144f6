import { describe, expect, it, test } from 'vitest';
import { isComposeWatch, ofComposeWatch, ofDisk, ofEngine } from './around.ts';
import { ofContainer } from './container-itself.ts';

const inspect = (
  change: { policy?: string; autoRemove?: boolean; labels?: Record<string, string>; health?: string; test?: string[] } = {},
) =>
  ({
    Name: '/web',
    State: change.health === undefined ? {} : { Health: { Status: change.health } },
    Config: { Labels: change.labels ?? null, ...(change.test ? { Healthcheck: { Test: change.test } } : {}) },
    HostConfig: { AutoRemove: change.autoRemove ?? false, RestartPolicy: { Name: change.policy ?? '' } },
  }) as unknown as Parameters<typeof ofContainer>[0];

test.each([
  [{}, []],
  [{ policy: 'no' }, []],
  [{ policy: 'unless-stopped' }, ['restart policy']],
  [{ policy: 'on-failure' }, ['restart policy']],
  [{ autoRemove: true }, ['auto-remove']],
  [{ labels: { 'com.docker.swarm.task.id': 'x' } }, ['Swarm']],
  [{ health: 'healthy' }, ['healthcheck']],
  [{ health: 'none' }, []],
  [{ test: ['CMD', 'true'] }, ['healthcheck']],
  [{ test: ['NONE'] }, []],
])('the container itself: %j', (change, what) => expect(ofContainer(inspect(change)).map((warning) => warning.what)).toEqual(what));

test('the engine itself', () => {
  expect(ofEngine({ liveRestore: true, swarm: 'inactive' })).toEqual([]);
  expect(ofEngine({ liveRestore: false, swarm: 'inactive' })).toMatchObject([
    { what: 'live-restore off', hint: expect.stringContaining('daemon.json') },
  ]);
  expect(ofEngine({ liveRestore: false, swarm: 'active' })).toMatchObject([{ hint: expect.stringContaining('does not go with Swarm') }]);
});

it('warns of a disk that the memory would fill', async () => {
  const free = (bytes: number | null) => ({ freeBytes: async () => bytes });
  const gib = 2 ** 30;
  expect(await ofDisk(['/a'], null, free(2 * gib))).toEqual([]);
  expect(await ofDisk(['/a'], gib, free(2 * gib))).toMatchObject([
    { what: 'low disk', detail: expect.stringMatching(/^\/a has 2 GiB free; .* 3 GiB/) },
  ]);
  expect(await ofDisk(['/a', '/b'], null, free(0))).toHaveLength(2);
  expect(await ofDisk(['/a'], gib, free(null))).toEqual([]);
});

describe('compose watch', () => {
  test.each([
    ['/usr/libexec/docker/cli-plugins/docker-compose compose watch', true],
    ['docker compose up --watch', true],
    ['docker compose -f x.yaml up -w web', true],
    ['docker compose up -d', false],
    ['docker compose logs watch-this', false],
    ['watch docker ps', false],
    ['vim compose watch', true],
  ])('%s', (line, yes) => expect(isComposeWatch(line.split(' '))).toBe(yes));

  it('concerns containers of Compose alone', async () => {
    const host = { commands: async () => [['docker', 'compose', 'watch']] };
    expect(await ofComposeWatch(inspect(), host)).toEqual([]);
    expect(await ofComposeWatch(inspect({ labels: { 'com.docker.compose.project': 'shop' } }), host)).toMatchObject([
      { what: 'compose watch' },
    ]);
  });
});
