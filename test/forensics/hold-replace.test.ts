import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { difference } from '../../src/container/difference.ts';
import { holdHandlers } from '../../src/forensics/hold/handlers.ts';
import type { Held } from '../../src/forensics/hold/io.ts';
import { letGo } from '../../src/forensics/hold/let-go.ts';
import { quarantine } from '../../src/forensics/hold/quarantine.ts';
import { replaceSteps } from '../../src/forensics/hold/replace/change.ts';
import type { ReplaceIo } from '../../src/forensics/hold/replace/io.ts';
import { replace } from '../../src/forensics/hold/replace/replace.ts';
import { safeKill } from '../../src/forensics/hold/safe-kill.ts';
import { clock, dyingEngine, dyingJournal, type HoldLab, holdLab, Killed } from './hold-lab.ts';

vi.setConfig({ testTimeout: 180_000 });
let lab: HoldLab;
beforeAll(async () => {
  lab = await holdLab();
});
afterAll(() => lab.close());

let count = 0;
const second = 220 + Math.floor(Math.random() * 30);
/** With all that a replacement takes over; `Healthcheck` holds as long as nothing says otherwise on the volume. */
async function service(): Promise<Held> {
  const own = ++count;
  await lab.lab.network(`own-${own}`, { IPAM: { Config: [{ Subnet: `10.${second}.${own}.0/24` }] } });
  await lab.lab.volume(`data-${own}`);
  const { id } = await lab.lab.run(`service-${own}`, {
    Cmd: ['sh', '-c', "trap 'echo term >> /data/log; exit 0' TERM; while :; do sleep 1 & wait $!; done"],
    StopTimeout: 2,
    ExposedPorts: { '80/tcp': {} },
    Healthcheck: { Test: ['CMD', 'test', '!', '-e', '/data/sick'], Interval: 1_000_000_000, Retries: 1 },
    HostConfig: {
      NetworkMode: lab.lab.name(`own-${own}`),
      Binds: [`${lab.lab.name(`data-${own}`)}:/data`],
      RestartPolicy: { Name: 'unless-stopped' },
      PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(18_800 + own) }] },
    },
    NetworkingConfig: {
      EndpointsConfig: { [lab.lab.name(`own-${own}`)]: { IPAMConfig: { IPv4Address: `10.${second}.${own}.77` }, Aliases: ['till'] } },
    },
  });
  return lab.freezeThis(id);
}

const io = (given: Partial<ReplaceIo> = {}): ReplaceIo => ({ ...lab.io(), frozenForMs: 0, ...given });

async function reconcile(held: Held): Promise<unknown[]> {
  const deps = { store: lab.store, clock, helperImage: lab.helperImage, salvage: () => Promise.resolve() };
  const handlers = new Map(holdHandlers(deps).map((handler) => [handler.kind, handler]));
  const settled = [];
  for (const change of lab.changes(held)) {
    const context = { engine: lab.engine, clock, signal: AbortSignal.timeout(60_000) };
    const result = await handlers.get(change.kind)?.reconcile(change, context);
    settled.push(result);
    if (result !== undefined) lab.store.journal.close(change.id, result.state);
  }
  return settled;
}

/** Frozen under its name with everything that it had, held, and alone. */
async function isAsBefore(held: Held, before: Awaited<ReturnType<typeof lab.engine.inspect>>): Promise<void> {
  const now = await lab.engine.inspect(held.containerName);
  expect(now.Id).toBe(held.containerId);
  expect(now.State.Paused).toBe(true);
  expect(difference(before, now)).toEqual([]);
  expect(Object.values(now.NetworkSettings.Networks).map((one) => one.IPAddress)).toEqual(
    Object.values(before.NetworkSettings.Networks).map((one) => one.IPAddress),
  );
  expect(lab.store.holds.get(held.evidenceId)).toMatchObject({ state: 'held', containerName: held.containerName });
  const names = (await lab.lab.containers()).map((one) => one.Name.slice(1)).filter((name) => name.startsWith(held.containerName));
  expect(names).toEqual([held.containerName]);
}

/** The fresh one runs in its place; the frozen one is beside it, connected to nothing. */
async function isReplaced(held: Held, before: Awaited<ReturnType<typeof lab.engine.inspect>>): Promise<string> {
  const fresh = await lab.engine.inspect(held.containerName);
  expect(fresh.Id).not.toBe(held.containerId);
  expect([fresh.State.Running, fresh.State.Paused, fresh.State.Health?.Status, fresh.Image]).toEqual([
    true,
    false,
    'healthy',
    before.Image,
  ]);
  expect(difference(before, fresh)).toEqual([]);
  expect(Object.values(fresh.NetworkSettings.Networks).map((one) => one.IPAddress)).toEqual(
    Object.values(before.NetworkSettings.Networks).map((one) => one.IPAddress),
  );
  const old = await lab.engine.inspect(held.containerId);
  expect([old.State.Paused, old.NetworkSettings.Networks, old.HostConfig.RestartPolicy.Name]).toEqual([true, {}, 'no']);
  expect(old.Name).toMatch(new RegExp(`^/${held.containerName}\\.pitwall-frozen-[0-9a-f]{10}$`));
  expect(lab.store.holds.get(held.evidenceId)).toMatchObject({ state: 'quarantined', containerName: old.Name.slice(1) });
  return fresh.Id;
}

describe('a replacement', () => {
  it('takes over, while the frozen one stays frozen; letting that go has to wait for its place', async () => {
    const held = await service();
    const before = await lab.engine.inspect(held.containerId);
    const replaced = await replace(held, io({ frozenForMs: 1_000 }));
    expect(replaced.downtimeMs).toBeGreaterThan(1_000);
    expect(replaced.notes).toEqual([expect.stringContaining('the replacement writes to the same volumes (/data)')]);
    const fresh = await isReplaced(held, before);
    expect(replaced.newId).toBe(fresh);
    expect(lab.changes(held)).toEqual([]);
    await expect(letGo(held, lab.io())).rejects.toMatchObject({ code: 'replaced', hint: expect.stringContaining('docker rm -f') });
    await isReplaced(held, before);
    await lab.engine.remove(fresh, { force: true });
    await letGo(held, lab.io());
    const now = await lab.engine.inspect(held.containerName);
    expect([now.Id, now.State.Running, now.State.Paused]).toEqual([held.containerId, true, false]);
    expect(difference(before, now)).toEqual([]);
  });

  it('takes over from one that was quarantined before; then that is ended, and nothing of it ran', async () => {
    const held = await service();
    const before = await lab.engine.inspect(held.containerId);
    await quarantine(held, lab.io());
    await replace(held, io());
    await isReplaced(held, before);
    await safeKill(held, lab.io());
    const old = await lab.engine.inspect(held.containerId);
    expect(old.State.Status).toBe('exited');
    expect(await lab.lab.shell(held.containerName, 'ls /data')).toBe('');
  });

  it('that does not become healthy is undone: the frozen one has everything back and stays frozen', async () => {
    const held = await service();
    const before = await lab.engine.inspect(held.containerId);
    const { id } = await lab.lab.run('infect', { Cmd: ['touch', '/data/sick'], HostConfig: { Binds: before.HostConfig.Binds ?? [] } });
    await lab.engine.wait(id);
    await expect(replace(held, io())).rejects.toMatchObject({
      code: 'replacement_unhealthy',
      exitCode: 1,
      message: expect.stringMatching(/is unhealthy; put back: frozen under its name, with its networks, and held/),
    });
    await isAsBefore(held, before);
    expect(lab.changes(held)).toEqual([]);
  });

  it('is undone when it is aborted', async () => {
    const held = await service();
    const before = await lab.engine.inspect(held.containerId);
    const stop = new AbortController();
    const engine = {
      ...lab.engine,
      start: async (id: string) => {
        await lab.engine.start(id);
        stop.abort(new Error('halt'));
      },
    };
    await expect(replace(held, io({ engine, signal: stop.signal }))).rejects.toThrow('halt');
    await isAsBefore(held, before);
  });

  it('is refused where the frozen one keeps what the fresh one needs', async () => {
    const owner = await lab.freeze('owner');
    await lab.lab.run('joiner', { HostConfig: { NetworkMode: `container:${owner.containerId}` } });
    await expect(replace(owner, io())).rejects.toMatchObject({ code: 'cannot_replace', message: expect.stringContaining('joiner') });
    const host = await lab.freeze('host', { HostConfig: { NetworkMode: 'host' } });
    await expect(replace(host, io())).rejects.toMatchObject({ code: 'cannot_replace', message: expect.stringContaining('the host') });
    for (const held of [owner, host]) expect((await lab.look(held.containerId))?.State.Paused).toBe(true);
  });

  it('of one that removes itself when it ends', async () => {
    const held = await lab.freeze('auto', { HostConfig: { AutoRemove: true } });
    const { newId, parked } = await replace(held, io());
    expect((await lab.look(parked))?.State.Paused).toBe(true);
    await lab.engine.remove(newId, { force: true });
    const { notes } = await safeKill(held, lab.io());
    expect(notes.join()).toContain('removed itself');
    while ((await lab.look(held.containerId)) !== null) await clock.sleep(50);
  });
});

describe('a replacement whose process is killed', () => {
  for (const step of ['open', ...replaceSteps.filter((one) => one !== 'connect')]) {
    it(`right after ${step} was written: all is put back, and it stays frozen`, async () => {
      const held = await service();
      const before = await lab.engine.inspect(held.containerId);
      const { journal } = lab.io();
      await expect(replace(held, io({ journal: dyingJournal(journal, step) }))).rejects.toThrow(Killed);
      expect(await reconcile(held)).toMatchObject([{ state: 'undone' }]);
      await isAsBefore(held, before);
    });
  }

  // create, policy, disconnect, rename, rename, start
  for (const call of [0, 1, 2, 3, 4]) {
    it(`after call ${call}`, async () => {
      const held = await service();
      const before = await lab.engine.inspect(held.containerId);
      await expect(replace(held, io({ engine: dyingEngine(lab.engine, call, 'after') }))).rejects.toThrow(Killed);
      expect(await reconcile(held)).toMatchObject([{ state: 'undone' }]);
      await isAsBefore(held, before);
    });
  }

  it('after the fresh one was started: it is finished', async () => {
    const held = await service();
    const before = await lab.engine.inspect(held.containerId);
    await expect(replace(held, io({ engine: dyingEngine(lab.engine, 5, 'after') }))).rejects.toThrow(Killed);
    expect(await reconcile(held)).toMatchObject([{ state: 'done' }]);
    await isReplaced(held, before);
  });
});
