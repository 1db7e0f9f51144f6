import { afterAll, expect, test } from 'vitest';
import { bench } from '../testkit.ts';

const { engine, label, name, run, sweep } = bench();
afterAll(sweep);

const labels = () => ({ 'pitwall.test': label.split('=')[1] ?? '' });
/** Outside of the pools that engines hand out by themselves. */
const body = () => ({ Labels: labels(), IPAM: { Config: [{ Subnet: '192.0.2.0/28' }] } });

test('a network: made once, connected, left and removed', async () => {
  const network = await engine.createNetwork(name('net'), body());
  await expect(engine.createNetwork(name('net'), { Labels: labels() })).rejects.toMatchObject({ code: 'name_taken' });
  const id = await run('a');
  await engine.connect(network, id, { Aliases: ['web'], IPAMConfig: { IPv4Address: '192.0.2.5' } });
  const inspected = await engine.inspectNetwork(name('net'));
  expect(inspected).toMatchObject({ Id: network, Name: name('net'), Driver: 'bridge', Internal: false });
  expect(inspected.Containers?.[id]?.IPv4Address).toBe('192.0.2.5/28');
  expect((await engine.inspect(id)).NetworkSettings.Networks[name('net')]?.IPAMConfig?.IPv4Address).toBe('192.0.2.5');
  expect((await engine.networks({ labels: [label] })).map(({ Id }) => Id)).toEqual([network]);

  const other = await run('b');
  await expect(engine.connect(network, other, { IPAMConfig: { IPv4Address: '192.0.2.5' } })).rejects.toMatchObject({
    code: 'address_taken',
  });
  await expect(engine.removeNetwork(network)).rejects.toMatchObject({ code: 'conflict' });
  await expect(engine.connect('pitwall-nowhere', other, {})).rejects.toMatchObject({ code: 'not_found' });
  await engine.disconnect(network, id);
  await engine.removeNetwork(network);
  await engine.removeNetwork(network);
  await expect(engine.inspectNetwork(network)).rejects.toMatchObject({ code: 'not_found' });
});

test('a container whose static address is taken does not start', async () => {
  const network = await engine.createNetwork(name('static'), { Labels: labels(), IPAM: { Config: [{ Subnet: '198.51.100.0/28' }] } });
  const at = {
    HostConfig: { NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [name('static')]: { IPAMConfig: { IPv4Address: '198.51.100.5' } } } },
  };
  await run('first', { ...at, HostConfig: { NetworkMode: name('static') } });
  await expect(run('second', { ...at, HostConfig: { NetworkMode: name('static') } })).rejects.toMatchObject({ code: 'address_taken' });
});

test('a volume: labelled, in use, removed', async () => {
  await engine.createVolume(name('vol'), labels());
  expect(await engine.volumes({ labels: [label] })).toEqual([{ name: name('vol'), labels: labels() }]);
  const id = await run('user', { HostConfig: { Binds: [`${name('vol')}:/data`] } });
  await expect(engine.removeVolume(name('vol'))).rejects.toMatchObject({ code: 'conflict' });
  await engine.remove(id, { force: true });
  await engine.removeVolume(name('vol'));
  await engine.removeVolume(name('vol'));
});
