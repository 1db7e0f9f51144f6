import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { difference } from '../../src/container/difference.ts';
import { holdHandlers } from '../../src/forensics/hold/handlers.ts';
import type { Held } from '../../src/forensics/hold/io.ts';
import { letGo } from '../../src/forensics/hold/let-go.ts';
import { quarantine } from '../../src/forensics/hold/quarantine.ts';
import { clock, dyingEngine, dyingJournal, type HoldLab, holdLab, Killed } from './hold-lab.ts';

vi.setConfig({ testTimeout: 180_000 });
let lab: HoldLab;
beforeAll(async () => {
  lab = await holdLab();
});
afterAll(() => lab.close());

let count = 0;
const second = 220 + Math.floor(Math.random() * 30);
/** On a network of its owner's and two of the engine's choice; with all that could be lost. */
async function connected(what = `net-${++count}`): Promise<Held> {
  const own = ++count;
  const subnet = `10.${second}.${own}.0/24`;
  await lab.lab.network(`own-${own}`, { IPAM: { Config: [{ Subnet: subnet }] } });
  await lab.lab.network(`auto-${own}`);
  const { id } = await lab.lab.run(what, {
    ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
    HostConfig: {
      NetworkMode: lab.lab.name(`own-${own}`),
      RestartPolicy: { Name: 'unless-stopped' },
      PortBindings: {
        '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(18_700 + own) }],
        '81/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }],
      },
    },
    NetworkingConfig: {
      EndpointsConfig: {
        [lab.lab.name(`own-${own}`)]: { IPAMConfig: { IPv4Address: `10.${second}.${own}.77` }, Aliases: ['till'] },
        [lab.lab.name(`auto-${own}`)]: { Aliases: ['desk', 'counter'] },
      },
    },
  });
  await lab.engine.connect(await lab.lab.network(`third-${own}`), id, {});
  return lab.freezeThis(id);
}

const addresses = async ({ containerId }: Held) =>
  Object.fromEntries(
    Object.entries((await lab.engine.inspect(containerId)).NetworkSettings.Networks).map(([name, one]) => [
      name,
      // a MAC address may be another: see the test of it
      { id: one.NetworkID, address: one.IPAddress, aliases: one.Aliases?.toSorted() },
    ]),
  );

const macOf = async ({ containerId }: Held) =>
  Object.values((await lab.engine.inspect(containerId)).NetworkSettings.Networks)[0]?.MacAddress;

const reconcile = async (held: Held) => {
  const handlers = new Map(
    holdHandlers({
      store: lab.store,
      clock,
      helperImage: lab.helperImage,
      salvage: () => Promise.reject(new Error('nothing to salvage')),
    }).map((handler) => [handler.kind, handler]),
  );
  const settled = [];
  for (const change of lab.changes(held)) {
    const context = { engine: lab.engine, clock, signal: AbortSignal.timeout(60_000) };
    const result = await handlers.get(change.kind)?.reconcile(change, context);
    settled.push(result);
    if (result !== undefined) lab.store.journal.close(change.id, result.state);
  }
  return settled;
};

async function isCutOff(held: Held): Promise<void> {
  const now = await lab.engine.inspect(held.containerId);
  const networks = await lab.engine.networks();
  const details = await Promise.all(networks.map(({ Id }) => lab.engine.inspectNetwork(Id).catch(() => null)));
  const on = details.filter((one) => held.containerId in (one?.Containers ?? {})).map((one) => one?.Name);
  expect([now.State.Paused, on, now.NetworkSettings.Ports]).toEqual([true, [], {}]);
  expect(lab.store.holds.get(held.evidenceId)).toMatchObject({ state: 'quarantined' });
}

describe('a quarantine', () => {
  it('cuts off every network, and letting go puts back the same', async () => {
    const held = await connected();
    const before = await lab.engine.inspect(held.containerId);
    const was = await addresses(held);
    expect(Object.keys(was)).toHaveLength(3);
    expect(await quarantine(held, lab.io())).toEqual([]);
    await isCutOff(held);
    // what others do meanwhile: the lowest address of two networks is free, and taken, and given back
    const notes = await letGo(held, lab.io());
    const after = await lab.engine.inspect(held.containerId);
    expect(await addresses(held)).toEqual(was);
    expect(difference(before, after)).toEqual([]);
    expect([after.State.Running, after.State.Paused]).toEqual([true, false]);
    expect(lab.store.holds.get(held.evidenceId)).toMatchObject({ state: 'released', ending: 'resumed' });
    // from Docker 28 on the names are given again
    const { stdout: interfaces } = await lab.engine.exec(held.containerId, ['ls', '/sys/class/net']);
    const renamed = !interfaces.includes('eth0');
    expect(/interfaces have other names now: .*eth0 is eth3/.test(notes.join('\n'))).toBe(renamed);
    expect(notes.join('\n')).toMatch(/81\/tcp is published on \d+ now, not on \d+/);
    expect(lab.changes(held)).toEqual([]);
    const { stdout } = await lab.engine.exec(held.containerId, ['sh', '-c', `ip -4 -o addr | grep -c 10.${second}`]);
    expect(stdout.trim()).toBe('1');
  });

  it('says that a MAC address which its owner chose is another, where the engine takes none', async () => {
    await lab.lab.network('mac');
    const endpoint = { MacAddress: '02:42:ac:11:aa:0b' };
    const held = await lab.freeze('mac', {
      HostConfig: { NetworkMode: lab.lab.name('mac') },
      NetworkingConfig: { EndpointsConfig: { [lab.lab.name('mac')]: endpoint } },
    });
    const was = await macOf(held);
    await quarantine(held, lab.io());
    const notes = await letGo(held, lab.io());
    const now = await macOf(held);
    if (now === was) expect(notes.join('\n')).not.toContain('MAC');
    else expect(notes).toContainEqual(expect.stringContaining(`is ${now} now, not ${was}`));
  });

  it('gives back an address that the engine chose, although lower ones are free by now', async () => {
    const network = await lab.lab.network('lower');
    const mode = { HostConfig: { NetworkMode: lab.lab.name('lower') } };
    const first = await lab.lab.run('lower-1', mode);
    const second = await lab.lab.run('lower-2', mode);
    const held = await lab.freeze('lower-3', mode);
    const was = await addresses(held);
    await quarantine(held, lab.io());
    for (const { id } of [first, second]) await lab.engine.remove(id, { force: true });
    await letGo(held, lab.io());
    expect(await addresses(held)).toEqual(was);
    expect(Object.keys((await lab.engine.inspectNetwork(network)).Containers ?? {})).toEqual([held.containerId]);
  });

  it('is not lifted while somebody else has the address: it stays frozen and cut off, and can be released later', async () => {
    await lab.lab.network('taken');
    const mode = { HostConfig: { NetworkMode: lab.lab.name('taken') } };
    const held = await lab.freeze('taken-1', mode);
    const was = await addresses(held);
    await quarantine(held, lab.io());
    const thief = await lab.lab.run('taken-2', mode);
    await expect(letGo(held, lab.io())).rejects.toMatchObject({ code: 'address_taken', message: expect.stringContaining(thief.name) });
    await isCutOff(held);
    await lab.engine.remove(thief.id, { force: true });
    await letGo(held, lab.io());
    expect(await addresses(held)).toEqual(was);
  });

  it('is not lifted while a port is taken', async () => {
    const held = await connected();
    const port = Object.values((await lab.engine.inspect(held.containerId)).HostConfig.PortBindings ?? {})[0]?.[0]?.HostPort ?? '';
    await quarantine(held, lab.io());
    const thief = await lab.lab.run('port-thief', {
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: port }] } },
    });
    await expect(letGo(held, lab.io())).rejects.toMatchObject({ code: 'port_taken' });
    await isCutOff(held);
    await lab.engine.remove(thief.id, { force: true });
    await letGo(held, lab.io());
  });

  it('says what cannot be cut off', async () => {
    const host = await lab.freeze('host', { HostConfig: { NetworkMode: 'host' } });
    await expect(quarantine(host, lab.io())).rejects.toMatchObject({ code: 'not_detachable' });
    expect((await lab.engine.inspect(host.containerId)).State.Paused).toBe(true);
    const none = await lab.freeze('none', { HostConfig: { NetworkMode: 'none' } });
    expect(await quarantine(none, lab.io())).toEqual(['it had no network to be cut off from']);
    await letGo(none, lab.io());
    const foreign = await lab.freeze('foreign', {}, { foreign: true });
    await expect(letGo(foreign, lab.io())).rejects.toMatchObject({ code: 'foreign' });
    expect((await lab.engine.inspect(foreign.containerId)).State.Paused).toBe(true);
  });
});

describe('a quarantine whose process is killed', () => {
  for (const call of [0, 1, 2]) {
    it(`after disconnecting network ${call + 1}: it is finished`, async () => {
      const held = await connected();
      const was = await addresses(held);
      await expect(quarantine(held, lab.io({ engine: dyingEngine(lab.engine, call, 'after') }))).rejects.toThrow(Killed);
      expect(await reconcile(held)).toMatchObject([{ state: 'done' }]);
      await isCutOff(held);
      await letGo(held, lab.io());
      expect(await addresses(held)).toEqual(was);
    });
  }

  it('when nothing was done yet', async () => {
    const held = await connected();
    const was = await addresses(held);
    const { journal } = lab.io();
    await expect(quarantine(held, lab.io({ journal: dyingJournal(journal, 'open') }))).rejects.toThrow(Killed);
    expect(await reconcile(held)).toMatchObject([{ state: 'undone' }]);
    expect(await addresses(held)).toEqual(was);
  });

  // a rename is not needed: attach 3, policy none, unpause 1
  for (const call of [0, 1, 2, 3]) {
    it(`while it is let go, after call ${call}: it runs, as before`, async () => {
      const held = await connected();
      const was = await addresses(held);
      await quarantine(held, lab.io());
      await expect(letGo(held, lab.io({ engine: dyingEngine(lab.engine, call, 'after') }))).rejects.toThrow(Killed);
      expect(await reconcile(held)).toMatchObject([{ state: 'done' }]);
      expect(await addresses(held)).toEqual(was);
      const now = await lab.engine.inspect(held.containerId);
      expect([now.State.Running, now.State.Paused]).toEqual([true, false]);
      expect(lab.store.holds.get(held.evidenceId)).toMatchObject({ state: 'released', ending: 'resumed' });
    });
  }
});
