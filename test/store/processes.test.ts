import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Host, type ProcessIdentity, thisHost } from '../../src/store/host.ts';
import { openStore } from '../../src/store/open.ts';
import { fakeClock, tempFolder, tempStore } from './support.ts';

/** A machine whose processes the test makes up: pid → start ticks, or null where they are not told. */
function fakeHost(
  self: Partial<ProcessIdentity> = {},
  processes: ReadonlyMap<number, number | null> = new Map(),
  uptime = { ms: 1_000_000 },
): Host {
  const identity = { pid: 10, startTicks: 100, bootId: 'boot-1', pidNamespace: 'pid:[1]', hostname: 'pit', ...self };
  const all = new Map([[identity.pid, identity.startTicks], ...processes]);
  return { self: () => identity, startTicks: (pid) => all.get(pid) ?? null, exists: (pid) => all.has(pid), uptimeMs: () => uptime.ms };
}

function seenBy(host: Host, registrant: Host): boolean {
  const path = `${tempFolder()}/p.db`;
  const clock = fakeClock();
  const open = (as: Host) => {
    const store = openStore({ path, clock, host: as });
    onTestFinished(() => store.close());
    return store;
  };
  const { id } = open(registrant).processes.register('serve');
  return open(host).processes.isAlive(id);
}

describe('a process is', () => {
  const registered = fakeHost({ pid: 20, startTicks: 200 });
  it.each<[string, Host, boolean]>([
    ['alive while its pid has its start time', fakeHost({}, new Map([[20, 200]])), true],
    ['dead when its pid is gone', fakeHost(), false],
    ['dead when its pid is another process by now', fakeHost({}, new Map([[20, 999]])), false],
    ['dead after the machine was started again', fakeHost({ bootId: 'boot-2' }, new Map([[20, 200]])), false],
    [
      'alive in another pid namespace while its heartbeat is fresh',
      fakeHost({ pidNamespace: 'pid:[2]' }, new Map(), { ms: 1_030_000 }),
      true,
    ],
    ['dead in another pid namespace after 30 s without one', fakeHost({ pidNamespace: 'pid:[2]' }, new Map(), { ms: 1_030_001 }), false],
    ['judged by its heartbeat where start times are hidden', fakeHost({}, new Map([[20, null]]), { ms: 1_030_001 }), false],
  ])('%s', (_, host, alive) => {
    expect(seenBy(host, registered)).toBe(alive);
  });

  it('known without /proc by its pid and its heartbeat', () => {
    const bare = { startTicks: null, bootId: null, pidNamespace: null };
    const elsewhere = fakeHost({ pid: 20, ...bare });
    expect(seenBy(fakeHost(bare, new Map([[20, null]])), elsewhere)).toBe(true);
    expect(seenBy(fakeHost(bare), elsewhere)).toBe(false);
    expect(seenBy(fakeHost(bare, new Map([[20, null]]), { ms: 1_030_001 }), elsewhere)).toBe(false);
    // less uptime than at its last heartbeat: the machine was started again
    expect(seenBy(fakeHost(bare, new Map([[20, null]]), { ms: 5_000 }), elsewhere)).toBe(false);
  });
});

it('a process that has ended and is not waited for yet is gone', async () => {
  // The child ends once the shell has become a sleep, which never waits for a child that it does not know of.
  const parent = spawn('sh', ['-c', '(until grep -q sleep /proc/$$/comm; do :; done) & echo $!; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  const host = thisHost();
  const stateOf = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
  await expect.poll(stateOf).toBe('Z');
  expect([host.exists(pid), host.startTicks(pid)]).toEqual([false, null]);
  expect([host.exists(parent.pid ?? 0), host.startTicks(parent.pid ?? 0)]).toEqual([true, expect.any(Number)]);
});

describe('serve', () => {
  it('is one for each database, and the error names it', () => {
    const { store, again, clock } = tempStore();
    const first = store.processes.register('serve');
    clock.advance(5000);
    const second = () => again().processes.register('serve');
    expect(second).toThrow(expect.objectContaining({ code: 'database_locked', exitCode: 7 }));
    expect(second).toThrow(`process ${process.pid} on`);
    expect(second).toThrow('since 2026-06-01T12:00:00.000Z');
    expect(store.processes.serve()).toMatchObject({ pid: process.pid, role: 'serve' });
    first.release();
    expect(store.processes.serve()).toBeNull();
    second();
  });

  it('takes over from one that died, which notices when it was only asleep', () => {
    const path = `${tempFolder()}/p.db`;
    const clock = fakeClock();
    const uptime = { ms: 1_000_000 };
    const open = (host: Host) => {
      const store = openStore({ path, clock, host });
      onTestFinished(() => store.close());
      return store;
    };
    const asleep = open(fakeHost({ pid: 20 }, new Map(), uptime)).processes.register('serve');
    const other = open(fakeHost({ pidNamespace: 'pid:[2]' }, new Map(), uptime));
    uptime.ms += 20_000;
    expect(asleep.heartbeat()).toBe(true);
    uptime.ms += 20_000;
    expect(() => other.processes.register('serve')).toThrow('another serve');
    uptime.ms += 20_000;
    const next = other.processes.register('serve');
    expect(asleep.heartbeat()).toBe(false);
    expect(next.heartbeat()).toBe(true);
    expect(next.id).not.toBe(asleep.id);
  });

  it('lets any number of commands work beside it', () => {
    const { store, again } = tempStore();
    store.processes.register('serve');
    const commands = [1, 2, 3].map(() => again().processes.register('command'));
    expect(commands.map(({ id }) => store.processes.isAlive(id))).toEqual([true, true, true]);
    expect(store.processes.isAlive(4711)).toBe(false);
  });
});
