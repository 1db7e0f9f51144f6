import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { difference } from '../../src/container/difference.ts';
import type { Drift } from '../../src/container/drift.ts';
import type { Recreated, RecreateIo, RecreateOptions } from '../../src/container/recreate/io.ts';
import { recreate } from '../../src/container/recreate/recreate.ts';
import { unitsOf } from '../../src/container/units.ts';
import { asTarget, type Target } from '../../src/domain/target.ts';
import { compose } from './support/compose.ts';
import { api, clock, image, Lab, olderEngine } from './support/lab.ts';
import { memoryJournal } from './support/memory-journal.ts';

const lab = new Lab();
afterAll(() => lab.sweep());

const pinned = { runId: 'run-1', image: 'pinned', graceSeconds: null } as const;

async function again(unit: Target[], options: RecreateOptions = pinned, io: Partial<RecreateIo> = {}): Promise<Recreated[]> {
  return recreate(unit, options, {
    engine: lab.engine,
    clock,
    journal: memoryJournal(),
    signal: new AbortController().signal,
    all: () => lab.all(),
    steadyStateHolds: () => Promise.resolve(true),
    ...io,
  });
}

describe('a recreated container', () => {
  it('is the same with every option that there is', async () => {
    await lab.network('one', { IPAM: { Config: [{ Subnet: '10.212.1.0/24' }] } });
    await lab.network('two', { IPAM: { Config: [{ Subnet: '10.212.2.0/24' }, { Subnet: 'fd00:d212::/64' }] }, EnableIPv6: true });
    await lab.volume('named');
    const bind = mkdtempSync(join(tmpdir(), 'pitwall-recreate-'));
    const other = await lab.run('other');
    const target = await lab.run('maximal', {
      Hostname: 'chosen',
      Domainname: 'example.test',
      User: '0:0',
      Env: ['A=1', 'EMPTY=', 'EQUALS=a=b'],
      Cmd: ['sh', '-c', "trap 'exit 0' TERM INT USR1; while :; do sleep 3600 & wait $!; done"],
      Entrypoint: ['/bin/busybox', 'env'],
      WorkingDir: '/srv/work',
      Labels: { 'com.example.owner': 'team', empty: '' },
      ExposedPorts: { '8080/tcp': {}, '9090/udp': {} },
      Volumes: { '/anonymous': {} },
      StopSignal: 'SIGUSR1',
      StopTimeout: 3,
      Tty: false,
      OpenStdin: true,
      Healthcheck: { Test: ['CMD', 'true'], Interval: 200_000_000, Timeout: 1_000_000_000, Retries: 2, StartPeriod: 100_000_000 },
      HostConfig: {
        NetworkMode: lab.name('one'),
        Binds: [`${bind}:/bound:ro`, `${lab.name('named')}:/named`],
        Mounts: [
          { Type: 'tmpfs', Target: '/tmpfs-mount', TmpfsOptions: { SizeBytes: 1_048_576 } },
          { Type: 'volume', Target: '/anonymous-mount' },
        ],
        Tmpfs: { '/scratch': 'size=1m' },
        PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '18093' }], '9090/udp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 4 },
        LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
        CapAdd: ['NET_ADMIN'],
        CapDrop: ['MKNOD', 'AUDIT_WRITE'],
        SecurityOpt: ['no-new-privileges:true'],
        Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/nothing', CgroupPermissions: 'r' }],
        DeviceCgroupRules: ['c 1:7 rw'],
        Ulimits: [{ Name: 'nofile', Soft: 512, Hard: 1024 }],
        Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' },
        Init: true,
        ReadonlyRootfs: true,
        GroupAdd: ['44'],
        ExtraHosts: ['db.example.test:10.1.2.3'],
        Dns: ['10.9.9.9'],
        DnsSearch: ['example.test'],
        DnsOptions: ['ndots:2'],
        Memory: 67_108_864,
        MemoryReservation: 33_554_432,
        NanoCpus: 500_000_000,
        PidsLimit: 64,
        CpuShares: 512,
        ShmSize: 4_194_304,
        OomScoreAdj: 200,
        IpcMode: 'shareable',
        CgroupnsMode: 'private',
        VolumesFrom: null,
      },
      NetworkingConfig: {
        EndpointsConfig: {
          [lab.name('one')]: { Aliases: ['first', 'web'], IPAMConfig: { IPv4Address: '10.212.1.77' }, MacAddress: '02:99:00:00:00:07' },
          [lab.name('two')]: {
            Aliases: ['second'],
            IPAMConfig: { IPv4Address: '10.212.2.77', IPv6Address: 'fd00:d212::77' },
            Links: [`${other.name}:partner`],
            DriverOpts: { 'com.example.option': 'x' },
          },
        },
      },
    });
    await lab.shell(target.id, 'echo kept > /anonymous/data; echo kept > /named/data; echo kept > /anonymous-mount/data');
    const before = await lab.engine.inspect(target.id);

    const [made] = await again([target]);

    const after = await lab.engine.inspect(target.name);
    expect(after.Id).toBe(made?.newId);
    expect(after.Id).not.toBe(before.Id);
    expect(made?.differs).toEqual([]);
    // seen through without the normalisation, for what it might hide
    expect(after.Config).toEqual(before.Config);
    expect({ ...after.HostConfig, Mounts: null }).toEqual({ ...before.HostConfig, Mounts: null });
    expect(after.NetworkSettings.Networks[lab.name('one')]).toMatchObject({
      IPAddress: '10.212.1.77',
      // before API 1.44 an endpoint could not be given one
      MacAddress: before.NetworkSettings.Networks[lab.name('one')]?.MacAddress,
      Aliases: expect.arrayContaining(['first', 'web']),
    });
    expect(after.NetworkSettings.Networks[lab.name('two')]).toMatchObject({ IPAddress: '10.212.2.77', GlobalIPv6Address: 'fd00:d212::77' });
    expect(await lab.shell(after.Id, 'cat /anonymous/data /named/data /anonymous-mount/data')).toBe('kept\nkept\nkept');
    expect(new Set(after.Mounts.map((mount) => mount.Name))).toEqual(new Set(before.Mounts.map((mount) => mount.Name)));
    expect(await lab.containers()).toHaveLength(2);
    rmSync(bind, { recursive: true });
  });

  it('is the same with hardly an option', async () => {
    const target = await lab.run('minimal', { Image: image });
    expect(await again([target])).toMatchObject([{ differs: [] }]);
    const once = await lab.target(target.name);
    expect(await again([once])).toMatchObject([{ differs: [] }]);
    expect(difference(target.inspect, await lab.engine.inspect(target.name))).toEqual([]);
  });

  it('keeps a MAC address on the default bridge, and takes none from the old one', async () => {
    const given = await lab.run('mac', { MacAddress: '02:99:00:00:00:21' });
    expect(await again([given])).toMatchObject([{ differs: [] }]);
    expect((await lab.engine.inspect(given.name)).NetworkSettings.Networks.bridge?.MacAddress).toBe('02:99:00:00:00:21');
  });

  it('is in the networks that it was in, not in those that it was made with', async () => {
    await lab.network('left');
    await lab.network('joined');
    const { id, name } = await lab.run('moved', { HostConfig: { NetworkMode: lab.name('left') } });
    await lab.engine.connect(lab.name('joined'), id, { Aliases: ['late'] });
    await lab.engine.disconnect(lab.name('left'), id);
    expect(await again([await lab.target(name)])).toMatchObject([{ differs: [] }]);
    expect(Object.keys((await lab.engine.inspect(name)).NetworkSettings.Networks)).toEqual([lab.name('joined')]);
  });

  it('is in a network that is named by its id', async () => {
    const network = await lab.network('by-id');
    const target = await lab.run('by-id', {
      HostConfig: { NetworkMode: network },
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ['x'] } } },
    });
    expect(await again([target])).toMatchObject([{ differs: [] }]);
  });

  it('keeps its image when the tag has moved on, and takes the new one when told to', async () => {
    const tag = `${lab.mark}:1`;
    const first = await layered(
      { Env: ['FROM_IMAGE=1', 'OWN=image'], Labels: { from: 'first' }, Cmd: ['sh', '-c', 'sleep 3600'], StopSignal: 'SIGKILL' },
      tag,
    );
    const labels = { 'com.docker.compose.image': first };
    const target = await lab.run('tagged', { Image: tag, Env: ['OWN=mine'], Labels: labels });
    const second = await layered(
      { Env: ['FROM_IMAGE=2', 'OWN=image'], Labels: { from: 'second' }, Cmd: ['sh', '-c', 'sleep 7200'], StopSignal: 'SIGKILL' },
      tag,
    );
    expect(second).not.toBe(first);

    expect(await again([target])).toMatchObject([{ differs: [] }]);
    const kept = await lab.target(target.name);
    expect([kept.inspect.Image, kept.inspect.Config.Image, kept.labels['com.docker.compose.image']]).toEqual([first, first, first]);

    // made from an id there is no name to follow: as it was before
    const named = await lab.run('tagged-2', { Image: tag, Env: ['OWN=mine'], Labels: { 'com.docker.compose.image': second } });
    const third = await layered(
      { Env: ['FROM_IMAGE=3', 'OWN=image'], Labels: { from: 'third' }, Cmd: ['sh', '-c', 'sleep 9000'], StopSignal: 'SIGKILL' },
      tag,
    );
    await again([named], { ...pinned, image: 'current' });
    const { inspect } = await lab.target(named.name);
    expect([inspect.Image, inspect.Config.Image, inspect.Config.Labels?.['com.docker.compose.image']]).toEqual([third, tag, third]);
    expect(inspect.Config.Env?.toSorted()).toEqual(['FROM_IMAGE=3', 'OWN=mine']);
    expect(inspect.Config.Labels).toMatchObject({ from: 'third' });
    expect(inspect.Config.Cmd).toEqual(['sh', '-c', 'sleep 9000']);
  });

  it('is the same through an API that takes one network at creation', async () => {
    await lab.network('older-1', { IPAM: { Config: [{ Subnet: '10.212.3.0/24' }] } });
    await lab.network('older-2', { IPAM: { Config: [{ Subnet: '10.212.4.0/24' }] } });
    const { id, name } = await lab.run('older', {
      MacAddress: '02:99:00:00:00:31',
      HostConfig: { NetworkMode: lab.name('older-1') },
      NetworkingConfig: { EndpointsConfig: { [lab.name('older-1')]: { Aliases: ['one'], IPAMConfig: { IPv4Address: '10.212.3.9' } } } },
    });
    await lab.engine.connect(lab.name('older-2'), id, { Aliases: ['two'], IPAMConfig: { IPv4Address: '10.212.4.9' } });
    const engine = olderEngine(lab.engine, '1.41');
    const target = asTarget(await engine.inspect(name));
    const journal = memoryJournal();
    expect(await again([target], pinned, { engine, journal })).toMatchObject([{ differs: [] }]);
    expect(journal.steps).toContain('connect');
    const { Networks } = (await engine.inspect(name)).NetworkSettings;
    expect(Networks[lab.name('older-1')]).toMatchObject({ IPAddress: '10.212.3.9', MacAddress: '02:99:00:00:00:31' });
    expect(Networks[lab.name('older-2')]).toMatchObject({ IPAddress: '10.212.4.9', Aliases: expect.arrayContaining(['two']) });
  });

  it('stays Compose’s own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pitwall-compose-'));
    const project = lab.mark;
    writeFileSync(
      join(folder, 'compose.yaml'),
      `services:
  web:
    image: ${image}
    labels: { pitwall.test: ${lab.mark} }
    environment: { TOKEN: x }
    ports: ["127.0.0.1:18094:80"]
    volumes: ["/anonymous", "kept:/kept"]
    healthcheck: { test: ["CMD", "true"], interval: 300ms }
    stop_grace_period: 2s
    networks: { front: { aliases: [www] } }
  sidecar:
    image: ${image}
    labels: { pitwall.test: ${lab.mark} }
    network_mode: service:web
  backup:
    image: ${image}
    labels: { pitwall.test: ${lab.mark} }
    volumes_from: [web]
networks: { front: { labels: { pitwall.test: ${lab.mark} } } }
volumes: { kept: { labels: { pitwall.test: ${lab.mark} } } }
`,
    );
    const ids = async () => (await compose(folder, project, 'ps', '--quiet')).trim().split('\n').toSorted();
    try {
      await compose(folder, project, 'up', '--detach', '--wait');
      const before = await ids();
      const targets = await Promise.all(['web', 'sidecar', 'backup'].map((service) => lab.target(`${project}-${service}-1`)));
      const made = await again(targets);
      expect(made.map((one) => one.differs)).toEqual([[], [], []]);
      const after = await ids();
      expect(after).toEqual(made.map((one) => one.newId).toSorted());
      expect(after).not.toEqual(before);
      await compose(folder, project, 'up', '--detach', '--wait');
      // the others are Compose's to make again: it hashes the owner's id into what it remembers of them
      expect((await lab.engine.inspect(`${project}-web-1`)).Id).toBe(made[0]?.newId);
    } finally {
      await compose(folder, project, 'down', '--volumes', '--timeout', '2');
      rmSync(folder, { recursive: true });
    }
  });

  it('is rid of what an intruder left in its layer', async () => {
    const target = await lab.run('foothold', { Volumes: { '/data': {} } });
    await lab.shell(
      target.id,
      'echo evil > /etc/evil; cp /bin/busybox /tmp/implant; (/tmp/implant sleep 4242 &); rm /bin/wget; mkdir -p /opt/a/b; echo data > /data/file',
    );
    let found: Drift | null = null;
    await again([target], pinned, { onDrift: (_, drift) => (found = drift) });
    expect(found).toMatchObject({ files: 3, added: 2, deleted: 1, modified: 0, executables: ['/tmp/implant'], notes: [] });
    expect((found as Drift | null)?.changes.map((change) => change.path)).toEqual(['/etc/evil', '/tmp/implant', '/usr/bin/wget']);
    expect(
      await lab.shell(
        target.name,
        'ls /etc/evil /tmp/implant 2>&1 | grep -c "No such"; ls /bin/wget; ps | grep -c "[s]leep 4242"; cat /data/file',
      ),
    ).toBe('2\n/bin/wget\n0\ndata');
  });
});

describe('containers in one namespace', () => {
  it('are made again together, owner first, and live in one again', async () => {
    const owner = await lab.run('owner', { Volumes: { '/shared': {} }, HostConfig: { IpcMode: 'shareable' } });
    const joining = { NetworkMode: `container:${owner.name}`, IpcMode: `container:${owner.id}`, PidMode: `container:${owner.id}` };
    const joiner = await lab.run('joiner', { HostConfig: { ...joining, VolumesFrom: [`${owner.id}:ro`] } });
    const [unit] = unitsOf([joiner, owner]);
    expect(unit?.map((one) => one.name)).toEqual([owner.name, joiner.name]);
    const made = await again(unit as Target[]);
    expect(made.map((one) => one.differs)).toEqual([[], []]);
    const [first, second] = await Promise.all([lab.engine.inspect(owner.name), lab.engine.inspect(joiner.name)]);
    expect(second.HostConfig.NetworkMode).toBe(`container:${first.Id}`);
    expect(second.HostConfig.IpcMode).toBe(`container:${first.Id}`);
    expect(second.HostConfig.VolumesFrom).toEqual([`${first.Id}:ro`]);
    const namespaces = 'readlink /proc/self/ns/net /proc/self/ns/ipc /proc/1/ns/pid';
    expect(await lab.shell(second.Id, namespaces)).toBe(await lab.shell(first.Id, namespaces));
  });
});

/** An image of ours over the fixture, under a tag that can move; gives its id. */
async function layered(config: Readonly<Record<string, unknown>>, tag: string): Promise<string> {
  const { id } = await lab.engine.create(lab.name('base'), { Image: image, Labels: lab.labels });
  const [repo, name] = tag.split(':');
  const made = await api('POST', `/commit?container=${id}&repo=${repo}&tag=${name}`, {
    ...config,
    Labels: { ...(config.Labels as object), ...lab.labels },
  });
  await lab.engine.remove(id);
  return (made as { Id: string }).Id;
}
