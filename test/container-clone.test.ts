import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeClone, removeClone } from '../src/container/clone/clone.ts';
import { sweep } from '../src/container/sweep.ts';
import type { Engine } from '../src/domain/engine.ts';
import { connect } from './helper/lab.ts';
import { docker, type Fixture, fixture } from './support/containers.ts';

const runId = '01JD00000000000000000000CN';
let box: Fixture;
let engine: Engine;
const instance = `clone-${randomBytes(4).toString('hex')}`;
const given = { runId, instance, now: Date.now(), expiresMs: 600_000 };
const ours = `label=pitwall.instance=${instance}`;
const left = async () => [
  await docker('ps', '-aq', '--filter', ours),
  await docker('volume', 'ls', '-q', '--filter', ours),
  await docker('network', 'ls', '-q', '--filter', ours),
];

beforeAll(() => {
  box = fixture();
  engine = connect();
});
afterAll(async () => {
  try {
    expect(await left()).toEqual(['', '', '']);
  } finally {
    await sweep(engine, { instance, allInstances: false, now: Date.now(), isEnded: () => true });
    await engine.close();
    await box[Symbol.asyncDispose]();
  }
});

test('it has the original’s process, environment and confinement, and nothing of its surroundings', async () => {
  await docker('network', 'create', '--label', box.label, box.name('net'));
  await docker('volume', 'create', '--label', box.label, box.name('data'));
  await box.run(
    'original',
    '--user',
    '1000:1000',
    '--read-only',
    '--cap-drop',
    'ALL',
    '--cap-add',
    'NET_BIND_SERVICE',
    '--security-opt',
    'no-new-privileges:true',
    '--memory',
    '64m',
    '--pids-limit',
    '40',
    '-e',
    'TOKEN=a b',
    '--restart',
    'unless-stopped',
    '-p',
    '127.0.0.1::80',
    '--shm-size',
    '8m',
    '--network',
    box.name('net'),
    '--network-alias',
    'db',
    '-v',
    `${box.name('data')}:/data`,
    '-v',
    '/etc/hostname:/a-file:ro',
    '-v',
    '/etc:/a-folder:ro',
    '--tmpfs',
    '/scratch:size=1m',
    '--label',
    'com.docker.compose.project=x',
    '--label',
    'com.docker.compose.service=y',
    '--health-cmd',
    'true',
    '--',
    'sh',
    '-c',
    'echo original; exec sleep 600',
  );
  const original = await engine.inspect(box.name('original'));
  const clone = await makeClone(engine, original, given);
  const made = await engine.inspect(clone.id);
  expect(made.Name).toMatch(/^\/pitwall-clone-[0-9a-f]{8}$/);
  expect(made.State.Running).toBe(true);
  expect([made.Image, made.Path, made.Args, made.Config.User, made.Config.Env]).toEqual([
    original.Image,
    original.Path,
    original.Args,
    '1000:1000',
    original.Config.Env,
  ]);
  expect(made.HostConfig).toMatchObject({
    CapAdd: original.HostConfig.CapAdd,
    CapDrop: original.HostConfig.CapDrop,
    SecurityOpt: original.HostConfig.SecurityOpt,
    ReadonlyRootfs: true,
    Memory: 64 * 1024 * 1024,
    PidsLimit: 40,
    NanoCpus: 1_000_000_000,
    ShmSize: 8 * 1024 * 1024,
    Tmpfs: { '/scratch': 'size=1m' },
    RestartPolicy: { Name: 'no' },
    NetworkMode: 'none',
    PidMode: '',
  });
  expect(Object.keys(made.HostConfig.PortBindings ?? {})).toEqual([]);
  expect(Object.keys(made.Config.Labels ?? {}).filter((name) => /^(pitwall|com)\./.test(name))).toEqual([
    'pitwall.expires',
    'pitwall.instance',
    'pitwall.role',
    'pitwall.run',
  ]);
  expect(made.Config.Labels?.['pitwall.role']).toBe('clone');
  expect(made.State.Health).toBeUndefined();
  const sources = made.Mounts.map(({ Destination, Name, Type }) => [Destination, Type, clone.volumes.includes(Name ?? '')]);
  expect(sources.toSorted()).toEqual([
    ['/a-folder', 'volume', true],
    ['/data', 'volume', true],
  ]);
  expect(clone.notes.toSorted()).toEqual([
    'it has an empty volume at /a-folder',
    'it has an empty volume at /data',
    'it has not what is mounted at /a-file',
  ]);
  // what confines it is what the kernel says, not what was asked
  const status = async (id: string) =>
    (await engine.exec(id, ['grep', '-E', '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):', '/proc/1/status'])).stdout;
  expect(await status(clone.id)).toBe(await status(original.Id));
  await removeClone(engine, clone);
  await removeClone(engine, clone);
  expect(await left()).toEqual(['', '', '']);
});

test('a network of its own has no way out; volumes read-only are the original’s, and cannot be written', async () => {
  await docker('volume', 'create', '--label', box.label, box.name('shared'));
  await box.run('sharing', '-v', `${box.name('shared')}:/data`, '--', 'sh', '-c', 'echo kept > /data/file; exec sleep 600');
  const original = await engine.inspect(box.name('sharing'));
  const clone = await makeClone(engine, original, { ...given, networks: 'isolated', volumes: 'read-only', command: ['sleep', '300'] });
  const { stdout } = await engine.exec(clone.id, ['sh', '-c', 'cat /data/file; touch /data/new 2>&1; ip route']);
  expect(stdout).toMatch(/^kept\n.*Read-only file system/);
  expect(stdout).not.toContain('default');
  expect((await engine.inspect(clone.id)).Path).toBe('sleep');
  await removeClone(engine, clone);
  expect(await docker('volume', 'ls', '-q', '--filter', `name=${box.name('shared')}`)).toBe(box.name('shared'));
  const without = await makeClone(engine, original, { ...given, volumes: 'none' });
  expect((await engine.inspect(without.id)).Mounts).toEqual([]);
  await removeClone(engine, without);
});

test('asked to, it keeps health, policy and grace, joins a network of ours under names, reads secrets, and has our limits', async () => {
  const network = box.name('joined');
  await docker('network', 'create', '--internal', '--label', box.label, network);
  const secrets = mkdtempSync(join(tmpdir(), 'pitwall-secrets-'));
  writeFileSync(join(secrets, 'password'), 'open sesame\n');
  try {
    const limits = ['--memory', '4g', '--pids-limit', '9999', '--stop-timeout', '7', '--restart', 'on-failure:4'];
    const health = ['--health-cmd', 'true', '--health-interval', '200ms'];
    const mounts = ['-v', `${secrets}/password:/run/secrets/password:ro`, '-v', `${secrets}:/elsewhere:ro`];
    await box.run('lively', ...limits, ...health, ...mounts, '--', 'sleep', '600');
    const original = await engine.inspect(box.name('lively'));
    const clone = await makeClone(engine, original, {
      ...given,
      networks: { join: network, aliases: ['db', 'cache'] },
      keeps: { healthcheck: true, restartPolicy: true },
      secrets: 'read-only',
    });
    try {
      const made = await engine.inspect(clone.id);
      expect(made.HostConfig).toMatchObject({
        Memory: 2 * 1024 ** 3,
        PidsLimit: 4_096,
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 4 },
      });
      expect([made.Config.StopTimeout, made.Config.Healthcheck]).toEqual([7, original.Config.Healthcheck]);
      expect(Object.keys(made.NetworkSettings.Networks)).toEqual([network]);
      expect(made.NetworkSettings.Networks[network]?.Aliases).toEqual(expect.arrayContaining(['db', 'cache']));
      const shell = async (script: string) => (await engine.exec(clone.id, ['sh', '-c', script])).stdout.trim();
      expect(await shell('cat /run/secrets/password; echo x > /run/secrets/password || echo refused; ls /elsewhere')).toBe(
        'open sesame\nrefused',
      );
      expect([clone.network, clone.notes]).toEqual([null, ['it has an empty volume at /elsewhere']]);
    } finally {
      await removeClone(engine, clone);
    }
    expect(await left()).toEqual(['', '', '']);
    expect((await engine.inspectNetwork(network)).Name).toBe(network);
  } finally {
    rmSync(secrets, { recursive: true });
  }
});

test('of the host it reads plain files only, whatever stands where secrets stand', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-secrets-'));
  const door = createServer().listen(join(folder, 'door'));
  try {
    await once(door, 'listening');
    for (const name of ['key', 'looks-like.sock']) writeFileSync(join(folder, name), 'open sesame\n');
    const at = (source: string, name: string) => ['-v', `${source}:/run/secrets/${name}`];
    const files = ['door', 'key', 'looks-like.sock'].flatMap((name) => at(join(folder, name), name));
    await box.run('guarded', ...files, ...at(folder, 'folder'), ...at('/dev/null', 'device'), '--', 'sleep', '600');
    const clone = await makeClone(engine, await engine.inspect(box.name('guarded')), { ...given, secrets: 'read-only' });
    try {
      const { stdout } = await engine.exec(clone.id, ['sh', '-c', 'cd /run/secrets; ls; ls folder; cat folder/key']);
      expect(stdout.trim().split('\n')).toEqual(['folder', 'key', 'key', 'open sesame']);
      expect(clone.notes.toSorted()).toEqual([
        'it has not what is mounted at /run/secrets/device',
        'it has not what is mounted at /run/secrets/door',
        'it has not what is mounted at /run/secrets/looks-like.sock',
      ]);
    } finally {
      await removeClone(engine, clone);
    }
  } finally {
    door.close();
    rmSync(folder, { recursive: true });
  }
});

test('labels of the image that opt in or belong to Compose do not count', async () => {
  await box.run('plain', '--', 'sleep', '600');
  const image = `${box.id}-labelled:1`;
  await docker('commit', '-c', 'LABEL pitwall.drills=all com.docker.compose.project=shop kept=yes', box.name('plain'), image);
  try {
    await docker('run', '-d', '--name', box.name('labelled'), '--label', box.label, image);
    const clone = await makeClone(engine, await engine.inspect(box.name('labelled')), given);
    expect((await engine.inspect(clone.id)).Config.Labels).toMatchObject({
      'pitwall.drills': '',
      'com.docker.compose.project': '',
      kept: 'yes',
    });
    await removeClone(engine, clone);
  } finally {
    await docker('rm', '-f', box.name('labelled'));
    await docker('rmi', '-f', image);
  }
});

test('one that cannot be started leaves nothing, and the sweep takes what a crash leaves', async () => {
  await box.run('unstartable', '-v', '/data', '--', 'sleep', '600');
  const original = await engine.inspect(box.name('unstartable'));
  const wrong = makeClone(engine, original, { ...given, networks: 'isolated', command: ['/no/such/program'] });
  await expect(wrong).rejects.toMatchObject({ code: 'clone' });
  expect(await left()).toEqual(['', '', '']);
  await makeClone(engine, original, { ...given, networks: 'isolated' });
  expect((await left()).every((ids) => ids !== '')).toBe(true);
  const swept = await sweep(engine, { instance, allInstances: false, now: Date.now(), isEnded: (id) => id === runId });
  expect(swept.removed.map(({ type }) => type)).toEqual(['container', 'network', 'volume']);
});
