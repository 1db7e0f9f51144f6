import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { difference } from '../../src/container/difference.ts';
import { recreateSteps } from '../../src/container/recreate/change.ts';
import { recreateHandler } from '../../src/container/recreate/handler.ts';
import type { Reconciled } from '../../src/domain/journal.ts';
import type { Target } from '../../src/domain/target.ts';
import { crashes } from './support/crash.ts';
import type { Crash } from './support/crash-child.ts';
import { readJournal } from './support/file-journal.ts';
import { clock, Lab } from './support/lab.ts';

// each starts a process or several, and two cores are soon busy
vi.setConfig({ testTimeout: 240_000 });
const lab = new Lab();
const folder = mkdtempSync(join(tmpdir(), 'pitwall-killed-'));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await lab.sweep();
});

let count = 0;
/** A container with all that an undo could lose: a restart policy, a healthcheck, a static address, a port and data. */
async function victim(command = "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"): Promise<Target> {
  const number = ++count;
  const target = await lab.run(`victim-${number}`, {
    Cmd: ['sh', '-c', command],
    StopTimeout: 1,
    Volumes: { '/data': {} },
    ExposedPorts: { '80/tcp': {} },
    Healthcheck: { Test: ['CMD', 'true'], Interval: 200_000_000 },
    HostConfig: {
      RestartPolicy: { Name: 'always' },
      PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(18_100 + number) }] },
    },
  });
  await lab.shell(target.id, 'echo precious > /data/file');
  await healthy(target.id);
  return lab.target(target.id);
}

/** Done with: its healthchecks must not slow down the others' tests. */
async function atRest(target: Target): Promise<void> {
  await lab.engine.kill(target.name, 'KILL');
}

async function healthy(id: string): Promise<void> {
  while ((await lab.engine.inspect(id)).State.Health?.Status !== 'healthy') await clock.sleep(50);
}

function journalFile(target: Target): string {
  return join(folder, `${target.name}.json`);
}

async function reconcile(path: string): Promise<Reconciled[]> {
  const context = { engine: lab.engine, clock, signal: AbortSignal.timeout(60_000) };
  const open = readJournal(path);
  const results: Reconciled[] = [];
  for (const change of open) results.push(await recreateHandler.reconcile(change, context));
  return results;
}

/** Exactly one container, under its name, running and healthy, with its policy and data, and the same as before. */
async function isWhole(target: Target): Promise<void> {
  const stem = target.name;
  const found = (await lab.containers()).filter((one) => one.Name.startsWith(`/${stem}`) && !/^\d/.test(one.Name.slice(stem.length + 1)));
  expect(found.map((one) => one.Name)).toEqual([`/${target.name}`]);
  const now = await lab.engine.inspect(target.name);
  expect(now.State.Running).toBe(true);
  expect(now.State.Health?.Status).toBe('healthy');
  expect(now.HostConfig.RestartPolicy.Name).toBe('always');
  expect(difference(target.inspect, now)).toEqual([]);
  expect(await lab.shell(now.Id, 'cat /data/file')).toBe('precious');
}

async function killedAndReconciled(target: Target, at: Crash['at']): Promise<Reconciled[]> {
  const journal = journalFile(target);
  expect(await crashes({ does: 'recreate', journal, targets: [target.name], at })).toBe(true);
  const results = await reconcile(journal);
  await isWhole(target);
  await atRest(target);
  return results;
}

describe.concurrent('a recreate whose process is killed', () => {
  for (const step of ['open', ...recreateSteps.filter((name) => name !== 'connect'), 'close']) {
    for (const when of ['before', 'after'] as const) {
      it(`${when} ${step} is written`, async () => {
        const results = await killedAndReconciled(await victim(), { step, when });
        const forwards = step === 'close' || (step === 'remove-old' && when === 'after');
        if (step !== 'open') expect(results.map((result) => result.state)).toEqual([forwards ? 'done' : 'undone']);
      });
    }
  }
});

/** create, hold, stop, park, rename, start, remove. */
const calls = [0, 1, 2, 3, 4, 5, 6];

describe.concurrent('a recreate whose process is killed while the engine is at it', () => {
  for (const call of calls) {
    it(`call ${call}`, async () => {
      await killedAndReconciled(await victim(), { call, when: 'during' });
    });
  }

  it('stopping a container that takes its time: it is not believed to run on', async () => {
    const slow = await victim("trap 'sleep 0.7; exit 0' TERM; while :; do sleep 3600 & wait $!; done");
    expect(await killedAndReconciled(slow, { call: 2, when: 'during' })).toMatchObject([{ state: 'undone' }]);
    expect((await lab.engine.inspect(slow.id)).State.StartedAt).not.toBe(slow.inspect.State.StartedAt);
  });
});

describe.concurrent('a unit whose process is killed', () => {
  // each in the middle of a step, when it was taken for one of the two
  for (const call of process.env.PITWALL_TEST_FULL !== undefined ? [0, 2, 4, 6, 8, 10, 12] : [2, 6, 8, 12]) {
    it(`after call ${call}`, async () => {
      const owner = await victim();
      const { name } = await lab.run(`joiner-of-${owner.name.split('-').at(-1)}`, {
        StopTimeout: 1,
        HostConfig: { NetworkMode: `container:${owner.id}`, RestartPolicy: { Name: 'always' } },
      });
      const journal = journalFile(owner);
      expect(await crashes({ does: 'recreate', journal, targets: [owner.name, name], at: { call, when: 'after' } })).toBe(true);
      const forwards = call === 12;
      const results = await reconcile(journal);
      expect(results, JSON.stringify(results)).toMatchObject([{ state: forwards ? 'done' : 'undone' }]);
      await isWhole(owner);
      const [first, second] = await Promise.all([lab.engine.inspect(owner.name), lab.engine.inspect(name)]);
      expect([second.State.Running, second.HostConfig.NetworkMode, second.HostConfig.RestartPolicy.Name]).toEqual([
        true,
        `container:${first.Id}`,
        'always',
      ]);
      expect((await lab.containers()).filter((one) => one.Name.startsWith(`/${name}.`))).toEqual([]);
      expect(await lab.shell(second.Id, 'readlink /proc/self/ns/net')).toBe(await lab.shell(first.Id, 'readlink /proc/self/ns/net'));
      await atRest(owner);
    });
  }
});

describe.concurrent('putting right what a kill left, itself killed', () => {
  // where most is half done: names swapped and the new one running; and nothing but the removal to go
  for (const step of ['start', 'remove-old']) {
    for (const when of ['during', 'after'] as const) {
      it(`after ${step}, ${when} each of its calls`, async () => {
        const target = await victim();
        const journal = journalFile(target);
        expect(await crashes({ does: 'recreate', journal, targets: [target.name], at: { step, when: 'after' } })).toBe(true);
        // each time it gets one call further, and finds what it did before
        for (let call = 0; await crashes({ does: 'reconcile', journal, targets: [], at: { call, when } }); call++)
          expect(call).toBeLessThan(9);
        await reconcile(journal);
        await isWhole(target);
        await atRest(target);
      });
    }
  }
});
