import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { difference } from '../../src/container/difference.ts';
import { recreateSteps } from '../../src/container/recreate-change.ts';
import { recreateHandler } from '../../src/container/recreate-handler.ts';
import type { Reconciled } from '../../src/domain/journal.ts';
import type { Target } from '../../src/domain/target.ts';
import { crashes } from './support/crash.ts';
import type { Crash } from './support/crash-child.ts';
import { readJournal } from './support/file-journal.ts';
import { clock, Lab } from './support/lab.ts';

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
