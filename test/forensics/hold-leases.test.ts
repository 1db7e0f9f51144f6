import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import { checkLeases, type LeaseDeps } from '../../src/forensics/hold/check-leases.ts';
import { holdHandlers } from '../../src/forensics/hold/handlers.ts';
import type { Held } from '../../src/forensics/hold/io.ts';
import { extendLease, nobodyWatches } from '../../src/forensics/hold/lease.ts';
import { type ReleaseTo, release } from '../../src/forensics/hold/release.ts';
import { safeKill } from '../../src/forensics/hold/safe-kill.ts';
import { clock, dyingEngine, dyingJournal, type FreezeOptions, type HoldLab, holdLab, Killed } from './hold-lab.ts';

vi.setConfig({ testTimeout: 120_000 });
let lab: HoldLab;
beforeAll(async () => {
  lab = await holdLab();
});
afterAll(() => lab.close());

const plain = { HostConfig: { NetworkMode: 'none' } };
const frozen = (what: string, options: FreezeOptions = {}) => lab.freeze(what, plain, options);
const releaseTo = (reference: string, to: ReleaseTo, reason?: string) =>
  release(reference, to, { ...lab.io(), store: lab.store, processId: lab.processId }, reason);

/** A clock that is ahead by this much. */
const later = (ms: number): Clock => ({ ...clock, now: () => clock.now() + ms });

function leases(given: Partial<LeaseDeps> = {}): LeaseDeps {
  return {
    engines: [lab.engine],
    store: lab.store,
    clock,
    processId: lab.processId,
    carryOut: (hold, to, _engine, reason) => releaseTo(hold.evidenceId, to, reason),
    ...given,
  };
}
const of = <T extends { readonly hold: { readonly evidenceId: string } }>(held: Held, news: readonly T[]) =>
  news.filter(({ hold }) => hold.evidenceId === held.evidenceId);
const check = async (held: Held, given: Partial<LeaseDeps> = {}, watch = false) => of(held, await checkLeases(leases(given), { watch }));
const state = async ({ containerId }: Held) => (await lab.look(containerId))?.State.Status ?? 'gone';

describe('a lease', () => {
  it('that only gives notice: it stays frozen, and is said at once and then hourly', async () => {
    const held = await frozen('notify', { leaseMs: 60_000 });
    expect(await check(held)).toEqual([]);
    const news = await check(held, { clock: later(61_000) });
    expect(news).toMatchObject([{ kind: 'overdue', sentence: expect.stringContaining('is held frozen, overdue') }]);
    expect(await check(held, { clock: later(120_000) }, true)).toEqual([]);
    expect(await check(held, { clock: later(3_700_000) })).toMatchObject([{ kind: 'overdue' }]);
    expect(await state(held)).toBe('paused');
    extendLease(held.containerName, 7_200_000, lab.store, clock);
    expect(await check(held, { clock: later(7_100_000) })).toEqual([]);
    await releaseTo(held.evidenceId, 'resume');
  });

  it.each([
    ['resume', 'running'],
    ['kill', 'exited'],
  ] as const)('to %s is carried out, by one of two processes that look at once', async (onExpiry, ends) => {
    const held = await frozen(`lease-${onExpiry}`, { leaseMs: 1, onExpiry });
    const other = lab.again();
    const processId = other.processes.register('command').id;
    const carryOut: LeaseDeps['carryOut'] = (hold, to, _engine, reason) =>
      release(hold.evidenceId, to, { ...lab.io(), store: other, processId }, reason);
    const both = await Promise.all([
      checkLeases(leases(), { watch: true }),
      checkLeases(leases({ store: other, processId, carryOut }), { watch: true }),
    ]);
    expect(of(held, both.flat())).toMatchObject([{ kind: 'carried-out', hold: { state: 'released' } }]);
    expect(await state(held)).toBe(ends);
    expect(lab.store.holds.get(held.evidenceId)?.ending).toMatch(/the lease expired$/);
    other.close();
  });

  it('to replace leaves the frozen one held, and then gives notice', async () => {
    const held = await frozen('lease-replace', { leaseMs: 1, onExpiry: 'replace' });
    expect(await check(held)).toMatchObject([{ kind: 'carried-out', hold: { state: 'quarantined', onExpiry: 'notify' } }]);
    expect(await state(held)).toBe('paused');
    expect((await lab.look(held.containerName))?.Id).not.toBe(held.containerId);
    expect(await check(held)).toMatchObject([{ kind: 'overdue' }]);
    await releaseTo(held.evidenceId, 'kill');
  });

  it('that cannot be carried out is said, and tried again after an hour', async () => {
    const held = await frozen('lease-fails', { leaseMs: 1, onExpiry: 'resume' });
    const engine = { ...lab.engine, unpause: () => Promise.resolve() };
    const carryOut: LeaseDeps['carryOut'] = (hold, to) =>
      release(hold.evidenceId, to, { ...lab.io({ engine }), store: lab.store, processId: lab.processId });
    expect(await check(held, { carryOut })).toMatchObject([{ kind: 'failed', sentence: expect.stringContaining('is still frozen') }]);
    expect(await check(held)).toEqual([]);
    expect(await state(held)).toBe('paused');
    expect(await check(held, { clock: later(3_700_000) })).toMatchObject([{ kind: 'carried-out' }]);
  });

  it('says that nobody watches it', () => {
    expect(nobodyWatches(lab.store)).toContain('nobody is watching');
    const serve = lab.store.processes.register('serve');
    expect(nobodyWatches(lab.store)).toBeNull();
    serve.release();
  });
});

describe('the watch over what is held', () => {
  it('sees a thaw by somebody else, and who it was', async () => {
    const held = await frozen('thawed');
    expect(await check(held, {}, true)).toEqual([]);
    await lab.engine.unpause(held.containerId);
    expect(await check(held, {}, true)).toMatchObject([
      { kind: 'closed', hold: { state: 'released', ending: expect.stringMatching(/^seal broken: thawed by somebody \(unpause at /) } },
    ]);
    expect(await check(held, {}, true)).toEqual([]);
  });

  it('sees an end by somebody else, and a removal', async () => {
    const ended = await frozen('ended');
    await lab.engine.kill(ended.containerId, 'KILL');
    while ((await state(ended)) !== 'exited') await clock.sleep(50);
    expect(await check(ended, {}, true)).toMatchObject([
      { hold: { ending: expect.stringMatching(/^seal broken: ended by somebody \(kill with signal 9/) } },
    ]);
    const gone = await frozen('gone');
    await lab.engine.remove(gone.containerId, { force: true });
    expect(await check(gone, {}, true)).toMatchObject([{ hold: { ending: 'gone' } }]);
  });

  it('leaves alone what is being worked on', async () => {
    const held = await frozen('at-work', { leaseMs: 1, onExpiry: 'kill' });
    const change = lab.io().journal.open({ kind: 'resume', target: held.containerName, data: { evidenceId: held.evidenceId } });
    await lab.engine.unpause(held.containerId);
    expect(await check(held, {}, true)).toEqual([]);
    await lab.engine.pause(held.containerId);
    await expect(releaseTo(held.evidenceId, 'kill')).rejects.toMatchObject({ code: 'busy' });
    change.close('undone');
    expect(lab.store.holds.claim(held.evidenceId, lab.processId)).toBe(true);
    await expect(releaseTo(held.evidenceId, 'kill')).rejects.toMatchObject({ code: 'busy' });
    lab.store.holds.unclaim(held.evidenceId);
    await releaseTo(held.evidenceId, 'kill');
  });
});

describe('a release', () => {
  it('finds the hold by case, name or id, and says what it cannot find', async () => {
    const held = await frozen('find');
    await expect(releaseTo('nobody', 'kill')).rejects.toMatchObject({ code: 'hold_unknown', exitCode: 2 });
    expect(await releaseTo(held.containerId.slice(0, 12), 'quarantine')).toMatchObject({
      outcome: 'quarantined',
      hold: { state: 'quarantined' },
    });
    expect(await releaseTo(held.containerName, 'resume')).toMatchObject({ outcome: 'resumed', hold: { state: 'released' } });
    await expect(releaseTo(held.evidenceId, 'kill')).rejects.toMatchObject({ code: 'released' });
    expect(await state(held)).toBe('running');
  });

  it('leaves paused what somebody else had frozen', async () => {
    const held = await frozen('foreign', { foreign: true });
    for (const to of ['kill', 'quarantine', 'replace'] as const)
      await expect(releaseTo(held.evidenceId, to)).rejects.toMatchObject({ code: 'foreign' });
    expect(await releaseTo(held.evidenceId, 'resume')).toMatchObject({ outcome: expect.stringContaining('left paused') });
    expect(await state(held)).toBe('paused');
  });

  it('of one that was thawed meanwhile closes the hold and says so', async () => {
    const held = await frozen('thawed-2');
    await lab.engine.unpause(held.containerId);
    await expect(releaseTo(held.evidenceId, 'kill')).rejects.toMatchObject({ code: 'seal_broken' });
    expect(await state(held)).toBe('running');
    expect(lab.store.holds.get(held.evidenceId)?.state).toBe('released');
  });

  it('never ends a container whose processes it cannot reach', async () => {
    const held = await frozen('unreachable');
    await expect(
      safeKill(held, lab.io({ proc: '/nowhere', helperImage: () => Promise.resolve('pitwall-fixture/busybox:1') })),
    ).rejects.toThrow();
    expect(await state(held)).toBe('paused');
  });

  it('to kill spares those that share its PID namespace, whichever way', async () => {
    for (const proc of ['/proc', '/nowhere']) {
      const owner = await lab.lab.run(`pid-owner-${proc.length}`, plain);
      const held = await lab.freeze(`pid-guest-${proc.length}`, { HostConfig: { NetworkMode: 'none', PidMode: `container:${owner.id}` } });
      await safeKill(held, lab.io({ proc }));
      expect([await state(held), (await lab.engine.inspect(owner.id)).State.Running]).toEqual(['exited', true]);
      const guest = await lab.lab.run(`pid-stays-${proc.length}`, plain);
      const host = await lab.freeze(`pid-host-${proc.length}`, { HostConfig: { NetworkMode: 'none', PidMode: 'host' } });
      await safeKill(host, lab.io({ proc }));
      expect([await state(host), (await lab.engine.inspect(guest.id)).State.Running]).toEqual(['exited', true]);
    }
  });
});

async function reconcile(held: Held, salvaged: string[] = []): Promise<unknown[]> {
  const salvage = async (id: string) => void salvaged.push(id);
  const handlers = new Map(holdHandlers({ store: lab.store, clock, helperImage: lab.helperImage, salvage }).map((one) => [one.kind, one]));
  const settled = [];
  for (const change of lab.changes(held)) {
    const result = await handlers.get(change.kind)?.reconcile(change, { engine: lab.engine, clock, signal: AbortSignal.timeout(60_000) });
    settled.push(result);
    if (result !== undefined) lab.store.journal.close(change.id, result.state);
  }
  return settled;
}

describe('a freeze whose process is killed', () => {
  const opened = (held: Held, disposition: string) =>
    lab.io().journal.open({ kind: 'freeze', target: held.containerName, data: { ...held, disposition } });

  it.each([
    ['keep', 'paused', 'held'],
    ['quarantine', 'paused', 'held'],
    ['replace', 'paused', 'held'],
    ['resume', 'running', 'released'],
  ] as const)('with %s is left %s', async (disposition, ends, hold) => {
    const held = await frozen(`crash-${disposition}`, { disposition, state: 'capturing' });
    opened(held, disposition);
    const salvaged: string[] = [];
    await reconcile(held, salvaged);
    expect([await state(held), lab.store.holds.get(held.evidenceId)?.state, salvaged]).toEqual([ends, hold, [held.evidenceId]]);
  });

  it('is left paused when somebody else had frozen it', async () => {
    const held = await frozen('crash-foreign', { foreign: true, disposition: 'resume' });
    opened(held, 'resume');
    await reconcile(held);
    expect([await state(held), lab.store.holds.get(held.evidenceId)?.state]).toEqual(['paused', 'released']);
  });

  it('sees a pause that lands late', async () => {
    const held = await frozen('crash-late', { disposition: 'resume' });
    lab.store.holds.update(held.evidenceId, { state: 'freezing' });
    await lab.engine.unpause(held.containerId);
    opened(held, 'resume');
    let looks = 0;
    const inspect: typeof lab.engine.inspect = async (id) => {
      if (++looks === 3) await lab.engine.pause(id);
      return lab.engine.inspect(id);
    };
    const [freeze] = holdHandlers({ store: lab.store, clock, helperImage: lab.helperImage, salvage: () => Promise.resolve() });
    const [change] = lab.changes(held);
    if (freeze === undefined || change === undefined) throw new Error('no change');
    const context = { engine: { ...lab.engine, inspect }, clock, signal: AbortSignal.timeout(60_000) };
    expect(await freeze.reconcile(change, context)).toMatchObject({ state: 'done' });
    expect(await state(held)).toBe('running');
    lab.store.journal.close(change.id, 'done');
  });

  it('that never landed, or is gone', async () => {
    const held = await frozen('crash-never', { disposition: 'keep' });
    lab.store.holds.update(held.evidenceId, { state: 'freezing' });
    await lab.engine.unpause(held.containerId);
    opened(held, 'keep');
    expect(await reconcile(held)).toMatchObject([{ state: 'undone' }]);
    expect(lab.store.holds.get(held.evidenceId)?.ending).toBe('never frozen');
    const gone = await frozen('crash-gone');
    opened(gone, 'keep');
    await lab.engine.remove(gone.containerId, { force: true });
    await reconcile(gone);
    expect(lab.store.holds.get(gone.evidenceId)?.ending).toBe('gone');
  });
});

describe('a safe kill whose process is killed', () => {
  const body = { HostConfig: { NetworkMode: 'none', RestartPolicy: { Name: 'always' } } };

  for (const step of ['policy', 'end-processes', 'kill']) {
    it(`right after ${step} was written: it is finished`, async () => {
      const held = await lab.freeze(`kill-${step}`, body);
      const { journal } = lab.io();
      await expect(safeKill(held, lab.io({ journal: dyingJournal(journal, step) }))).rejects.toThrow(Killed);
      expect(await reconcile(held)).toMatchObject([{ state: 'done' }]);
      const now = await lab.look(held.containerId);
      expect([now?.State.Status, now?.HostConfig.RestartPolicy.Name]).toEqual(['exited', 'no']);
      expect(lab.store.holds.get(held.evidenceId)).toMatchObject({ state: 'released', ending: 'killed' });
    });
  }

  it('while the engine is at it', async () => {
    const held = await lab.freeze('kill-late', body);
    await expect(safeKill(held, lab.io({ engine: dyingEngine(lab.engine, 1, 'after') }))).rejects.toThrow(Killed);
    expect(await reconcile(held)).toMatchObject([{ state: 'done' }]);
    expect(await state(held)).toBe('exited');
  });

  it('and then somebody thaws it: it is frozen again and ended', async () => {
    const held = await lab.freeze('kill-thawed', body);
    const { journal } = lab.io();
    await expect(safeKill(held, lab.io({ journal: dyingJournal(journal, 'policy') }))).rejects.toThrow(Killed);
    await lab.engine.unpause(held.containerId);
    expect(await reconcile(held)).toMatchObject([{ state: 'done' }]);
    expect(await state(held)).toBe('exited');
  });
});
