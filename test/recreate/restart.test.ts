import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { type RestartIo, restartContainer } from '../../src/container/restart.ts';
import { restartHandler } from '../../src/container/restart-handler.ts';
import type { Target } from '../../src/domain/target.ts';
import { crashes } from './support/crash.ts';
import { readJournal } from './support/file-journal.ts';
import { clock, Lab } from './support/lab.ts';
import { type MemoryJournal, memoryJournal } from './support/memory-journal.ts';

const lab = new Lab();
const folder = mkdtempSync(join(tmpdir(), 'pitwall-restart-'));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await lab.sweep();
});

function restart(target: Target, journal: MemoryJournal, io: Partial<RestartIo> = {}) {
  return restartContainer(target, { graceSeconds: 1 }, { engine: lab.engine, clock, journal, signal: new AbortController().signal, ...io });
}

describe.concurrent('a restart', () => {
  it('ends the processes and keeps the layer', async ({ expect }) => {
    const target = await lab.run('restarted');
    await lab.shell(target.id, 'echo stays > /in-the-layer');
    const journal = memoryJournal();
    const made = await restart(target, journal);
    const now = await lab.target(target.name);
    expect(now.id).toBe(target.id);
    expect(made.startedAt).toBe(now.startedAt);
    expect(now.startedAt).toBeGreaterThan(target.startedAt);
    expect(await lab.shell(now.id, 'cat /in-the-layer')).toBe('stays');
    expect(journal.records).toMatchObject([{ kind: 'restart', state: 'done' }]);
  });

  it('waits for a healthcheck', async ({ expect }) => {
    const target = await lab.run('checked', { Healthcheck: { Test: ['CMD', 'true'], Interval: 500_000_000 } });
    const made = await restart(target, memoryJournal());
    expect((await lab.engine.inspect(target.id)).State.Health?.Status).toBe('healthy');
    // the engine asks it first after half a second
    expect(made.to - made.from).toBeGreaterThan(490);
    expect(made.timeToHealthyMs).toBeLessThanOrEqual(made.to - made.from);
  });

  it('of one that does not come back is a failure', async ({ expect }) => {
    const target = await lab.run('once');
    await lab.shell(target.id, 'rm /bin/sh');
    const journal = memoryJournal();
    await expect(restart(target, journal)).rejects.toMatchObject({ name: 'FailedError', code: 'restart_failed', exitCode: 1 });
    expect(journal.records).toMatchObject([{ state: 'residue' }]);
  });

  it('of one that is gone, or held by somebody, is not begun', async ({ expect }) => {
    const [gone, held] = await Promise.all([lab.run('gone'), lab.run('held')]);
    await lab.engine.remove(gone.id, { force: true });
    await lab.engine.pause(held.id);
    const journal = memoryJournal();
    await expect(restart(gone, journal)).rejects.toMatchObject({ code: 'target_gone' });
    await expect(restart(held, journal)).rejects.toMatchObject({ code: 'target_unfit' });
    expect(journal.records).toEqual([]);
    expect((await lab.engine.inspect(held.id)).State.Paused).toBe(true);
  });

  for (const [what, at] of [
    ['before it', { step: 'open', when: 'after' }],
    ['in the middle of it', { call: 0, when: 'during' }],
    ['after it', { call: 0, when: 'after' }],
  ] as const) {
    it(`whose process is killed ${what}: the container runs`, async ({ expect }) => {
      const target = await lab.run(`killed-${at.when}-${'call' in at ? 'call' : 'open'}`, {
        StopTimeout: 1,
        Cmd: ['sh', '-c', "trap 'sleep 0.5; exit 0' TERM; while :; do sleep 3600 & wait $!; done"],
      });
      const journal = join(folder, `${target.name}.json`);
      expect(await crashes({ does: 'restart', journal, targets: [target.name], at })).toBe(true);
      const [change] = readJournal(journal);
      const result = await restartHandler.reconcile(change as NonNullable<typeof change>, {
        engine: lab.engine,
        clock,
        signal: AbortSignal.timeout(120_000),
      });
      // what never came about had no effect, and the record must not say that it had
      expect(result.state).toBe('call' in at ? 'done' : 'undone');
      const now = await lab.target(target.name);
      expect([now.id, now.inspect.State.Running]).toEqual([target.id, true]);
      // and it goes on running: what the engine had been asked for is over
      expect(now.startedAt > target.startedAt).toBe('call' in at);
    });
  }

  it('that was cut off with the container down starts it again', async ({ expect }) => {
    const target = await lab.run('down');
    const journal = memoryJournal();
    const change = journal.open({
      kind: 'restart',
      target: target.name,
      data: { id: target.id, startedAt: target.inspect.State.StartedAt, stopMs: 1_000 },
    });
    await lab.engine.stop(target.id);
    const context = { engine: lab.engine, clock, signal: AbortSignal.timeout(120_000) };
    expect(await restartHandler.reconcile(change.record, context)).toMatchObject({ state: 'done' });
    expect((await lab.engine.inspect(target.id)).State.Running).toBe(true);
    expect(await restartHandler.reconcile(change.record, context)).toMatchObject({ state: 'done' });
  });
});
