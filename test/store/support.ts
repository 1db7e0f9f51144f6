import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import { type OpenOptions, openStore } from '../../src/store/open.ts';
import type { NewRun } from '../../src/store/runs.ts';
import type { Store } from '../../src/store/store.ts';

export interface FakeClock extends Clock {
  /** Time passes: both clocks move, and sleepers whose time has come wake. */
  advance(ms: number): void;
  /** Somebody sets the clock: only `now` moves. */
  set(at: number): void;
}

export function fakeClock(at = Date.parse('2026-06-01T12:00:00Z')): FakeClock {
  let now = at;
  let monotonic = 1000;
  let sleepers: { until: number; wake: () => void }[] = [];
  return {
    now: () => Math.floor(now),
    monotonic: () => monotonic,
    sleep: (ms, signal) =>
      new Promise((wake, reject) => {
        sleepers.push({ until: monotonic + ms, wake });
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    advance(ms) {
      now += ms;
      monotonic += ms;
      const due = sleepers.filter((sleeper) => sleeper.until <= monotonic);
      sleepers = sleepers.filter((sleeper) => sleeper.until > monotonic);
      for (const sleeper of due) sleeper.wake();
    },
    set(to) {
      now = to;
    },
  };
}

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestStore {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly path: string;
  readonly processId: number;
  /** Another connection to the same database, as another process has it. */
  readonly again: () => Store;
}

/** A store in its own folder, closed and removed when the test ends. */
export function tempStore(options: Partial<OpenOptions> & { readonly clock?: FakeClock } = {}): TestStore {
  const clock = options.clock ?? fakeClock();
  const path = join(tempFolder(), 'pitwall.db');
  const open = () => {
    const store = openStore({ path, ...options, clock });
    onTestFinished(() => store.close());
    return store;
  };
  const store = open();
  return { store, clock, path, processId: store.processes.register('command').id, again: open };
}

export function newRun(fields: Partial<NewRun> & Pick<NewRun, 'processId'>): NewRun {
  return {
    id: ulid(),
    drill: 'recycle-shop',
    kind: 'reverse-uptime',
    trigger: 'manual',
    actor: 'test',
    engine: { name: 'local', id: 'ENGINE', version: '26.1.5', environment: 'local' },
    seed: 'seed',
    definition: 'sha256:00',
    ...fields,
  };
}
