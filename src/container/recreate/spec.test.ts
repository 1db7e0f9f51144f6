import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageId, imageOf, inspectOf } from '../../../test/recreate/support/inspect.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { ImageInspect } from '../../domain/engine/images.ts';
import { createBodyFrom, type SpecOptions } from './spec.ts';

const newImage = `sha256:${'2'.repeat(64)}`;
const volume = 'f'.repeat(64);
const oldId = 'b'.repeat(64);
const newId = 'c'.repeat(64);

function spec(inspect: ContainerInspect, options: Partial<SpecOptions> = {}, image: ImageInspect | null = imageOf()) {
  return createBodyFrom(inspect, image, { apiVersion: '1.45', image: 'pinned', oldImage: imageOf(), ...options });
}

function body(...args: Parameters<typeof spec>): Record<string, unknown> & { HostConfig: Record<string, unknown> } {
  return spec(...args).body as never;
}

function endpoints(...args: Parameters<typeof spec>): unknown {
  return spec(...args).body.NetworkingConfig?.EndpointsConfig;
}

describe('what is passed on', () => {
  it('is everything of Config and HostConfig that needs no correction, and no label of ours', () => {
    const anything = fc.dictionary(fc.stringMatching(/^X[A-Za-z]{1,10}$/), fc.jsonValue());
    fc.assert(
      fc.property(anything, anything, fc.dictionary(fc.string(), fc.string()), (config, host, labels) => {
        const made = body(inspectOf({ config: { ...config, Labels: labels }, host }));
        expect(made).toMatchObject(config);
        expect(made.HostConfig).toMatchObject(host);
        expect(made.Labels).toEqual(labels);
      }),
    );
  });

  it('changes nothing in what it was given', () => {
    const inspect = inspectOf({ mounts: [{ Type: 'volume', Name: volume, Source: '', Destination: '/data', Mode: '', RW: true }] });
    const before = structuredClone(inspect);
    body(inspect);
    expect(inspect).toEqual(before);
  });
});

describe('the host name', () => {
  it('is left to the engine when the engine chose it', () => expect(body(inspectOf())).not.toHaveProperty('Hostname'));
  it('is kept when the owner chose it', () => expect(body(inspectOf({ config: { Hostname: 'db' } })).Hostname).toBe('db'));
  it('may not be given to what shares the host’s', () => {
    expect(body(inspectOf({ config: { Hostname: 'node-1' }, host: { UTSMode: 'host' } }))).not.toHaveProperty('Hostname');
  });
});

describe('the image', () => {
  const reference = (options: Partial<SpecOptions>, image: ImageInspect | null) => body(inspectOf(), options, image).Image;
  it('pinned: its name, while that means the image that runs', () => expect(reference({}, imageOf())).toBe('shop/web:1'));
  it('pinned: its id, once the name means another', () => expect(reference({}, imageOf({}, newImage))).toBe(imageId));
  it('pinned: its id, once the name means nothing', () => expect(reference({}, null)).toBe(imageId));
  it('current: its name', () => expect(reference({ image: 'current' }, imageOf({}, newImage))).toBe('shop/web:1'));

  it('current: Compose’s label follows it, and only where there is one', () => {
    const labels = { 'com.docker.compose.image': imageId, other: 'x' };
    const current = { image: 'current' } as const;
    expect(body(inspectOf({ config: { Labels: labels } }), current, imageOf({}, newImage)).Labels).toEqual({
      ...labels,
      'com.docker.compose.image': newImage,
    });
    expect(body(inspectOf({ config: { Labels: { other: 'x' } } }), current, imageOf({}, newImage)).Labels).toEqual({ other: 'x' });
    expect(body(inspectOf({ config: { Labels: labels } }), {}, imageOf({}, newImage)).Labels).toEqual(labels);
  });

  it('current: what came from the old one is left to the new one', () => {
    const old = {
      Env: ['PATH=/bin', 'VERSION=1'],
      Cmd: ['serve'],
      Entrypoint: ['/entry'],
      User: 'app',
      WorkingDir: '/app',
      StopSignal: 'SIGINT',
      Labels: { version: '1', team: 'a' },
      Volumes: { '/cache': {} },
      ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
      Healthcheck: { Test: ['CMD', 'old'], Interval: 5 },
    };
    const own = {
      Env: ['PATH=/bin', 'VERSION=1', 'TOKEN=mine'],
      Labels: { version: '1', team: 'b' },
      ExposedPorts: { '80/tcp': {}, '81/tcp': {}, '82/tcp': {} },
      Volumes: { '/cache': {}, '/own': {} },
      Healthcheck: { Test: ['CMD', 'old'], Interval: 9 },
    };
    const inspect = inspectOf({ config: { ...old, ...own }, host: { PortBindings: { '81/tcp': [{ HostIp: '', HostPort: '8081' }] } } });
    const made = body(inspect, { image: 'current', oldImage: imageOf(old) }, imageOf({}, newImage));
    expect(made).toMatchObject({
      Env: ['TOKEN=mine'],
      Labels: { team: 'b' },
      Volumes: { '/own': {} },
      ExposedPorts: { '81/tcp': {}, '82/tcp': {} },
      Healthcheck: { Interval: 9 },
    });
    for (const key of ['Cmd', 'Entrypoint', 'User', 'WorkingDir', 'StopSignal']) expect(made).not.toHaveProperty(key);
  });

  it('current, and the name means the same image still: nothing is taken out', () => {
    const config = { Env: ['A=1'], User: 'app' };
    expect(body(inspectOf({ config }), { image: 'current', oldImage: imageOf(config) }, imageOf(config))).toMatchObject(config);
  });

  it('keeps a command of the owner’s together with the entrypoint of the owner’s', () => {
    const inspect = inspectOf({ config: { Entrypoint: ['/mine'], Cmd: ['serve'] } });
    expect(
      body(inspect, { image: 'current', oldImage: imageOf({ Entrypoint: ['/entry'], Cmd: ['serve'] }) }, imageOf({}, newImage)),
    ).toMatchObject({
      Entrypoint: ['/mine'],
      Cmd: ['serve'],
    });
  });

  it('keeps an entrypoint away that the owner took away', () => {
    expect(body(inspectOf(), { oldImage: imageOf({ Entrypoint: ['/entry'] }) }).Entrypoint).toEqual(['']);
    expect(body(inspectOf()).Entrypoint).toBeNull();
  });
});

describe('volumes', () => {
  const mount = { Type: 'volume', Name: volume, Source: '/x', Destination: '/data', Mode: '', RW: false };
  const again = { Type: 'volume', Source: volume, Target: '/data', ReadOnly: true, VolumeOptions: { NoCopy: true } };

  it('without a name are mounted again, and never filled', () =>
    expect(body(inspectOf({ mounts: [mount] })).HostConfig.Mounts).toEqual([again]));

  it('that were asked for without a source are not asked for twice', () => {
    const host = { Binds: ['/data', 'named:/named/'], Mounts: [{ Type: 'volume', Target: '/other' }] };
    const mounts = [mount, { ...mount, Name: 'named', Destination: '/named' }, { ...mount, Name: 'e'.repeat(64), Destination: '/other' }];
    const made = body(inspectOf({ mounts, host })).HostConfig;
    expect(made.Binds).toEqual(['named:/named/']);
    expect(made.Mounts).toEqual([again, { ...again, Source: 'e'.repeat(64), Target: '/other' }]);
  });

  it('that come from another container come from it again', () => {
    const source = inspectOf({ id: oldId, name: 'source', mounts: [mount] });
    const made = body(inspectOf({ mounts: [mount], host: { VolumesFrom: [`${oldId}:ro`] } }), {
      sources: [source],
      replaced: [{ Id: oldId, Name: '/source', newId }],
    });
    expect(made.HostConfig.Mounts).toBeUndefined();
    expect(made.HostConfig.VolumesFrom).toEqual([`${newId}:ro`]);
  });
});

describe('namespaces', () => {
  it('of a container that is made again too are the new one’s', () => {
    const replaced = [{ Id: oldId, Name: '/db', newId }];
    const host = { NetworkMode: `container:${oldId}`, IpcMode: 'container:db', PidMode: `container:${'d'.repeat(64)}` };
    expect(body(inspectOf({ host, networks: {} }), { replaced }).HostConfig).toMatchObject({
      NetworkMode: `container:${newId}`,
      IpcMode: `container:${newId}`,
      PidMode: `container:${'d'.repeat(64)}`,
    });
  });

  it('of another leave no room for what belongs to the network', () => {
    const config = { Hostname: 'db', Domainname: 'x', MacAddress: '02:99:00:00:00:01', ExposedPorts: { '80/tcp': {} } };
    const made = body(inspectOf({ config, host: { NetworkMode: `container:${oldId}` }, networks: {} }), { apiVersion: '1.41' });
    for (const key of [...Object.keys(config), 'NetworkingConfig']) expect(made).not.toHaveProperty(key);
  });
});

describe('networks', () => {
  const front = {
    IPAMConfig: { IPv4Address: '10.0.0.5' },
    Aliases: ['www', 'a'.repeat(12)],
    IPAddress: '10.0.0.5',
    MacAddress: '02:42:0a:00:00:05',
    DNSNames: ['web'],
  };
  const back = {
    IPAMConfig: {},
    Aliases: null,
    IPAddress: '10.1.0.9',
    MacAddress: '02:99:00:00:00:01',
    DriverOpts: { a: 'b' },
    GwPriority: 5,
    Links: ['db:database'],
  };
  const both = inspectOf({ host: { NetworkMode: 'front' }, networks: { front, back } });
  const wanted = {
    front: { IPAMConfig: { IPv4Address: '10.0.0.5' }, Aliases: ['www'] },
    back: { IPAMConfig: {}, MacAddress: '02:99:00:00:00:01', DriverOpts: { a: 'b' }, GwPriority: 5, Links: ['db:database'] },
  };

  it('are all given at creation, without what the engine assigned', () => {
    expect(endpoints(both)).toEqual(wanted);
    expect(spec(both)).toMatchObject({ connect: [], disconnect: [] });
  });

  it('before API 1.44: the first at creation, the others before the start', () => {
    const old = spec(both, { apiVersion: '1.43' });
    const { MacAddress: _, ...withoutMac } = wanted.back;
    expect(old.body.NetworkingConfig?.EndpointsConfig).toEqual({ front: wanted.front });
    expect(old.connect).toEqual([{ network: 'back', endpoint: withoutMac }]);
  });

  it('before API 1.44: a chosen MAC address is a setting of the container', () => {
    const inspect = inspectOf({ config: { MacAddress: '02:99:00:00:00:01' } });
    expect(body(inspect, { apiVersion: '1.43' }).MacAddress).toBe('02:99:00:00:00:01');
    expect(body(inspect)).not.toHaveProperty('MacAddress');
  });

  it('the default bridge gets nothing that it would refuse', () => {
    expect(endpoints(inspectOf())).toBeUndefined();
    expect(endpoints(inspectOf({ host: { NetworkMode: 'default' } }))).toBeUndefined();
    expect(endpoints(inspectOf({ networks: { bridge: { Aliases: ['x'], IPAMConfig: {}, MacAddress: '02:99:00:00:00:01' } } }))).toEqual({
      bridge: { MacAddress: '02:99:00:00:00:01' },
    });
  });

  it('one that is named by its id keeps that name', () => {
    const id = 'd'.repeat(64);
    expect(endpoints(inspectOf({ host: { NetworkMode: id }, networks: { front: { ...front, NetworkID: id } } }))).toEqual({
      [id]: wanted.front,
    });
  });

  it('one that was left since is left again', () => {
    const made = spec(inspectOf({ host: { NetworkMode: 'front' }, networks: { back } }));
    expect(made).toMatchObject({ connect: [{ network: 'back' }], disconnect: ['front'] });
    expect(made.body).not.toHaveProperty('NetworkingConfig');
  });

  it('the host’s and none have no endpoints', () => {
    for (const NetworkMode of ['host', 'none'])
      expect(endpoints(inspectOf({ host: { NetworkMode }, networks: { [NetworkMode]: {} } }))).toBeUndefined();
  });
});

it('legacy links are written as they are asked for', () => {
  expect(body(inspectOf({ host: { Links: ['/db:/web/database'] } })).HostConfig.Links).toEqual(['db:database']);
});
