import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { difference } from '../../src/container/difference.ts';
import { type Recreated, recreate } from '../../src/container/recreate.ts';
import type { Target } from '../../src/domain/target.ts';
import { clock, image, Lab } from './support/lab.ts';
import { memoryJournal } from './support/memory-journal.ts';

const lab = new Lab();
afterAll(() => lab.sweep());

const pinned = { runId: 'run-1', image: 'pinned', graceSeconds: null } as const;

function io() {
  return {
    engine: lab.engine,
    clock,
    journal: memoryJournal(),
    signal: new AbortController().signal,
    all: () => lab.all(),
    steadyStateHolds: () => Promise.resolve(true),
  };
}

async function again(...unit: Target[]): Promise<Recreated> {
  return (await recreate(unit, pinned, io()))[0] as Recreated;
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

    const made = await again(target);

    const after = await lab.engine.inspect(target.name);
    expect(after.Id).toBe(made.newId);
    expect(after.Id).not.toBe(before.Id);
    expect(made.differs).toEqual([]);
    // seen through without the normalisation, for what it might hide
    expect(after.Config).toEqual(before.Config);
    expect({ ...after.HostConfig, Mounts: null }).toEqual({ ...before.HostConfig, Mounts: null });
    expect(after.NetworkSettings.Networks[lab.name('one')]).toMatchObject({
      IPAddress: '10.212.1.77',
      MacAddress: '02:99:00:00:00:07',
      Aliases: ['first', 'web'],
    });
    expect(after.NetworkSettings.Networks[lab.name('two')]).toMatchObject({ IPAddress: '10.212.2.77', GlobalIPv6Address: 'fd00:d212::77' });
    expect(await lab.shell(after.Id, 'cat /anonymous/data /named/data /anonymous-mount/data')).toBe('kept\nkept\nkept');
    expect(new Set(after.Mounts.map((mount) => mount.Name))).toEqual(new Set(before.Mounts.map((mount) => mount.Name)));
    expect(await lab.containers()).toHaveLength(2);
    rmSync(bind, { recursive: true });
  });

  it('is the same with hardly an option', async () => {
    const target = await lab.run('minimal', { Image: image });
    expect((await again(target)).differs).toEqual([]);
    const once = await lab.target(target.name);
    expect((await again(once)).differs).toEqual([]);
    expect(difference(target.inspect, await lab.engine.inspect(target.name))).toEqual([]);
  });
});
