import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createReadiness, type ReadinessOptions } from '../../src/cli/serve/readiness.ts';
import { startScheduler } from '../../src/scheduler/scheduler.ts';
import { openStore } from '../../src/store/open.ts';
import { fakeClock, tempFolder, tempStore } from '../store/support.ts';

const isRoot = process.getuid?.() === 0;
const idle = { silentMs: 0, problem: null, waiting: 0, waitingMs: 0 };
const answers = { name: 'local', ping: async () => undefined };

function options(change: Partial<ReadinessOptions> = {}): ReadinessOptions {
  const { store, clock } = tempStore();
  return {
    engines: [answers],
    store,
    disks: [],
    catalogue: () => ({ drills: [1], problems: [] }),
    scheduler: () => idle,
    clock,
    ...change,
  };
}

const told = async (change: Partial<ReadinessOptions>) => {
  const { ok, checks } = await createReadiness(options(change))();
  return { ok, ...Object.fromEntries(checks.map((check) => [check.kind, check])) } as { readonly ok: boolean } & Record<
    string,
    (typeof checks)[number]
  >;
};

test('each thing that keeps a drill from being run says no, and says why', async () => {
  expect((await told({})).ok).toBe(true);
  const down = { name: 'far', ping: () => Promise.reject(new Error('nobody is there')) };
  expect(await told({ engines: [answers, down] })).toMatchObject({
    ok: false,
    engine: { name: 'far', ok: false, message: expect.stringContaining('nobody') },
  });
  expect(await told({ scheduler: () => ({ ...idle, silentMs: 60_000 }) })).toMatchObject({
    ok: false,
    scheduler: { message: expect.stringContaining('1 m') },
  });
  expect(await told({ scheduler: () => ({ ...idle, problem: 'the database is locked' }) })).toMatchObject({
    ok: false,
    scheduler: { message: expect.stringContaining('locked') },
  });
  expect(await told({ scheduler: () => ({ ...idle, waiting: 2, waitingMs: 90_000 }) })).toMatchObject({
    ok: true,
    scheduler: { message: expect.stringContaining('2 due and waiting') },
  });
  expect(await told({ catalogue: () => ({ drills: [], problems: [{ message: 'a.yaml:1:1 is wrong' }] }) })).toMatchObject({
    ok: true,
    catalogue: { ok: false },
  });
  expect(await told({ disks: [{ name: 'evidence', path: join(tempFolder(), 'none-yet') }] })).toMatchObject({
    ok: true,
    disk: { ok: true, message: 'not there yet' },
  });
});

test('a scheduler that cannot read its ledger says so, and that it can again', async () => {
  const { store, clock } = tempStore();
  let broken = false;
  const slots = {
    ...store.slots,
    transaction: <T>(work: () => T): T => {
      if (broken) throw new Error('no space left');
      return store.slots.transaction(work);
    },
  };
  let wake = (): void => undefined;
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  await using scheduler = startScheduler({
    store: { ...store, slots },
    clock,
    processId: 1,
    drills: () => [],
    start: async () => undefined,
    log,
    tick: (work) => {
      wake = work;
      return { stop: () => undefined };
    },
  });
  expect(scheduler.health()).toMatchObject({ problem: null, silentMs: 0 });
  clock.advance(20_000);
  expect(scheduler.health().silentMs).toBe(20_000);
  broken = true;
  wake();
  expect(scheduler.health()).toMatchObject({ problem: 'no space left', silentMs: 0 });
  broken = false;
  clock.advance(1_000);
  wake();
  expect(scheduler.health().problem).toBeNull();
});

test.runIf(isRoot)('a disk that fills up: said while there is room, and then that the database cannot be written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128m', 'tmpfs', folder]);
  const clock = fakeClock();
  const store = openStore({ path: join(folder, 'p.db'), clock });
  onTestFinished(() => {
    store.close();
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  const ready = createReadiness(options({ store, clock, disks: [{ name: 'database', path: folder }] }));
  const now = async () => {
    clock.advance(10_000);
    const { ok, checks } = await ready();
    const of = (kind: string) => checks.find((check) => check.kind === kind);
    return { ok, disk: of('disk'), database: of('database') };
  };
  expect(await now()).toMatchObject({
    ok: true,
    disk: { ok: true, message: expect.stringMatching(/nearly full/) },
    database: { ok: true },
  });
  writeFileSync(join(folder, 'big'), Buffer.alloc(100 << 20));
  expect(await now()).toMatchObject({ ok: false, disk: { ok: false }, database: { ok: true } });
  try {
    writeFileSync(join(folder, 'more'), Buffer.alloc(64 << 20));
  } catch {
    // it is full now
  }
  for (let i = 0; i < 2_000; i++) {
    const { database } = await now();
    if (database?.ok === false) break;
  }
  expect(await now()).toMatchObject({ ok: false, database: { ok: false, message: expect.stringMatching(/no space left/) } });
  rmSync(join(folder, 'more'));
  rmSync(join(folder, 'big'));
  expect(await now()).toMatchObject({ ok: true, database: { ok: true } });
});

test('who asks often makes no more writes than one in five seconds', async () => {
  const { store, clock } = tempStore();
  let writes = 0;
  const canWrite = () => {
    writes += 1;
  };
  const ready = createReadiness(options({ clock, store: { control: store.control, canWrite } }));
  for (let i = 0; i < 50; i++) await ready();
  expect(writes).toBe(1);
  clock.advance(5_000);
  await ready();
  expect(writes).toBe(2);
});
