import { describe, expect, it } from 'vitest';
import { imageId, inspectOf } from '../../test/recreate/support/inspect.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import { difference } from './difference.ts';

const newId = 'b'.repeat(64);
const before = inspectOf({
  config: { Env: ['A=1', 'SECRET=hunter2'], Labels: { team: 'a' }, Volumes: { '/data': {} } },
  mounts: [{ Type: 'volume', Name: 'f'.repeat(64), Source: '/v', Destination: '/data', Mode: '', RW: true }],
  networks: {
    front: { Aliases: ['www', 'a'.repeat(12)], DNSNames: ['web', 'a'.repeat(12)], IPAddress: '10.0.0.5', MacAddress: '02:42:0a:00:00:05' },
  },
});
const after: ContainerInspect = {
  ...before,
  Id: newId,
  Created: '2027-01-01T00:00:00Z',
  Config: { ...before.Config, Hostname: newId.slice(0, 12), Entrypoint: [] },
  HostConfig: {
    ...before.HostConfig,
    Mounts: [{ Type: 'volume', Source: 'f'.repeat(64), Target: '/data', VolumeOptions: { NoCopy: true } }],
  },
  Mounts: before.Mounts.map((mount) => ({ ...mount, Mode: 'z' })),
  NetworkSettings: {
    Networks: {
      front: {
        ...before.NetworkSettings.Networks.front,
        Aliases: ['www', newId.slice(0, 12)],
        DNSNames: [newId.slice(0, 12), 'web'],
        IPAddress: '10.0.0.9',
        MacAddress: '02:42:0a:00:00:09',
        EndpointID: 'other',
      } as never,
    },
  },
};

function changed(part: Partial<ContainerInspect>): string[] {
  return difference(before, { ...after, ...part });
}

describe('two inspects of one container', () => {
  it('differ in nothing but identity, times and what the engine assigned', () => expect(difference(before, after)).toEqual([]));

  it.each([
    ['Name', { Name: '/other' }],
    ['Image', { Image: 'sha256:2' }],
    ['Config.Env.SECRET', { Config: { ...after.Config, Env: ['A=1', 'SECRET=other'] } }],
    ['Config.Env.NEW', { Config: { ...after.Config, Env: ['A=1', 'SECRET=hunter2', 'NEW=1'] } }],
    ['Config.Labels.pitwall.run', { Config: { ...after.Config, Labels: { team: 'a', 'pitwall.run': 'x' } } }],
    ['Config.Hostname', { Config: { ...after.Config, Hostname: 'a'.repeat(12) } }],
    ['Config.StopTimeout', { Config: { ...after.Config, StopTimeout: 0 } }],
    ['HostConfig.RestartPolicy.Name', { HostConfig: { ...after.HostConfig, RestartPolicy: { Name: 'always' } } }],
    ['HostConfig.MaskedPaths', { HostConfig: { ...after.HostConfig, MaskedPaths: [] } }],
    ['Mounts./data.Name', { Mounts: after.Mounts.map((mount) => ({ ...mount, Name: '0'.repeat(64) })) }],
  ] as const)('%s is seen', (path, part) => expect(changed(part)).toContain(path));

  it('a lost alias, address or network is seen', () => {
    const front = after.NetworkSettings.Networks.front as never as object;
    const networks = (one: object) => ({ NetworkSettings: { Networks: { front: { ...front, ...one } as never } } });
    expect(changed(networks({ Aliases: [] }))).toEqual(['Networks.front.Aliases']);
    expect(changed(networks({ MacAddress: '02:99:00:00:00:01' }))).toEqual(['Networks.front.MacAddress']);
    expect(changed(networks({ IPAMConfig: { IPv4Address: '10.0.0.9' } }))).toEqual(['Networks.front.IPAMConfig']);
    expect(changed({ NetworkSettings: { Networks: {} } }).length).toBeGreaterThan(0);
  });

  it('never gives a value away', () => {
    const found = changed({ Config: { ...after.Config, Env: ['SECRET=correct horse'] } });
    expect(found.join()).not.toMatch(/hunter2|horse/);
  });

  it('made from the image’s id is the same', () => expect(changed({ Config: { ...after.Config, Image: imageId } })).toEqual([]));

  it('with its current image may have another', () => {
    const moved = {
      ...after,
      Image: 'sha256:2',
      Config: { ...after.Config, Labels: { team: 'a', 'com.docker.compose.image': 'sha256:2' } },
    };
    expect(difference(before, moved)).not.toEqual([]);
    expect(difference(before, moved, { image: 'current' })).toEqual([]);
  });

  it('that joins one made again joins the new one', () => {
    const owner = 'd'.repeat(64);
    const newOwner = 'e'.repeat(64);
    const joiner = (id: string) => inspectOf({ host: { NetworkMode: `container:${id}` }, networks: {} });
    expect(difference(joiner(owner), joiner(newOwner), { replaced: [{ Id: owner, Name: '/db', newId: newOwner }] })).toEqual([]);
    expect(difference(joiner(owner), joiner(newOwner))).toEqual(['HostConfig.NetworkMode']);
  });
});
