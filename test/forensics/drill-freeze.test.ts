import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FreezeResult, Freezer } from '../../src/domain/evidence.ts';
import { forensicFreeze } from '../../src/drills/forensic-freeze/index.ts';
import { type DrillLab, openDrillLab, type Seen } from './drill-lab.ts';

let lab: DrillLab;
beforeAll(async () => {
  lab = await openDrillLab('drill');
});
afterAll(() => lab.close());

const states = (seen: Seen) => Object.fromEntries(seen.findings.map(({ probe, state }) => [probe, state]));
const allHold = {
  'FRZ-memory': 'holds',
  'FRZ-process': 'holds',
  'FRZ-tmpfs': 'holds',
  'FRZ-deleted-file': 'holds',
  'FRZ-socket': 'holds',
  'FRZ-changed-binary': 'holds',
  'FRZ-seal': 'holds',
  'FRZ-signature': 'holds',
};

describe('in a clone', () => {
  test('everything planted is found in the evidence; the target is not touched, and nothing is left', async () => {
    const id = await lab.lab.run('web', { Cmd: ['sleep', '600'], User: '1000:1000', Labels: { 'pitwall.drills': 'all' } });
    const before = await lab.engine.inspect(id);
    const seen = await lab.practise(forensicFreeze, [await lab.target(id)], {});
    expect(seen.error).toBeNull();
    expect(states(seen), JSON.stringify(seen.findings, null, 1)).toEqual(allHold);
    expect(seen.measured).toMatchObject({ canaries_found: 6, coverage: 1 });
    expect(Object.keys(seen.measured).toSorted()).toEqual([
      'canaries_found',
      'coverage',
      'evidence_bytes',
      'frozen_time',
      'time_to_evidence',
      'time_to_freeze',
    ]);
    const after = await lab.engine.inspect(id);
    expect([after.State.StartedAt, after.State.Paused, await lab.engine.changes(id)]).toEqual([before.State.StartedAt, false, []]);
    expect(await lab.left()).toEqual([]);
    expect(seen.plan.units[0]).toMatchObject({ untouched: true });
  });

  test('of a read-only image without a shell, without capabilities', async () => {
    // a program and nothing else: what the helper image's busybox can do alone
    const id = await lab.lab.run('shell-less', {
      Image: lab.image.reference,
      Entrypoint: ['/pitwall/bin/busybox', 'sleep', '600'],
      // the helper image says whose it is; this one is the test's
      Labels: { 'pitwall.instance': '', 'pitwall.run': '', 'pitwall.role': '', 'pitwall.expires': '' },
      User: '65534:65534',
      HostConfig: { ReadonlyRootfs: true, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], NetworkMode: 'none', PidsLimit: 32 },
    });
    const seen = await lab.practise(forensicFreeze, [await lab.target(id)], {});
    expect(seen.error).toBeNull();
    expect(states(seen), JSON.stringify(seen.findings, null, 1)).toEqual(allHold);
    expect(await lab.left()).toEqual([]);
  });

  test('an application that ends without its peers is stood in for by a sleep, and that is said', async () => {
    const id = await lab.lab.run('needs-peer', { Cmd: ['sh', '-c', 'ip link show eth0 >/dev/null || exit 3; exec sleep 600'] });
    const seen = await lab.practise(forensicFreeze, [await lab.target(id)], { canaries: ['process', 'memory'] });
    expect(seen.error).toBeNull();
    expect(states(seen)).toMatchObject({ 'FRZ-process': 'holds', 'FRZ-memory': 'holds' });
    expect(seen.events.find((event) => event.startsWith('clone:'))).toMatch(/it only sleeps: the original ends without its peers/);
    expect(await lab.left()).toEqual([]);
  });

  test('what has no place is inconclusive, and never a success', async () => {
    const id = await lab.lab.run('no-shm', { Cmd: ['sleep', '600'], HostConfig: { IpcMode: 'none' } });
    const seen = await lab.practise(forensicFreeze, [await lab.target(id)], { canaries: ['tmpfs', 'process'] });
    expect(states(seen)).toMatchObject({ 'FRZ-tmpfs': 'inconclusive', 'FRZ-process': 'holds' });
    expect(seen.findings.find(({ probe }) => probe === 'FRZ-tmpfs')).toMatchObject({ severity: 'high' });
    expect(seen.measured.canaries_found).toBe(1);
  });

  test('evidence that lacks a canary, or was changed, is found out', async () => {
    const id = await lab.lab.run('spoiled', { Cmd: ['sleep', '600'] });
    const spoil = async ({ folder }: FreezeResult) => {
      await truncate(join(folder, 'checkpoint.tar'), 1_024);
      const processes = join(folder, 'files/processes.json');
      await writeFile(processes, (await readFile(processes, 'utf8')).replaceAll('-process', '-nothing'));
      await writeFile(join(folder, 'files/deleted/0'), 'something else');
      for (const [path, list] of [
        ['files/network.json', 'sockets'],
        ['files/executables.json', 'executables'],
        ['files/tmpfs.json', 'tmpfs'],
      ] as const) {
        await writeFile(join(folder, path), JSON.stringify({ [list]: [] }));
      }
    };
    const freezer = (real: Freezer): Freezer => ({
      async freeze(request, io) {
        const outcome = await real.freeze(request, io);
        for (const one of outcome.cases) await spoil(one);
        return outcome;
      },
    });
    const seen = await lab.practise(forensicFreeze, [await lab.target(id)], {}, { freezer });
    expect(states(seen)).toEqual({ ...Object.fromEntries(Object.keys(allHold).map((probe) => [probe, 'broken'])), 'FRZ-seal': 'holds' });
    expect(seen.measured.canaries_found).toBe(0);
    expect(await lab.left()).toEqual([]);
  });

  test('a freeze that fails leaves no clone', async () => {
    const id = await lab.lab.run('unfrozen', { Cmd: ['sleep', '600'], Volumes: { '/data': {} } });
    const freezer = (): Freezer => ({ freeze: () => Promise.reject(new Error('no')) });
    const seen = await lab.practise(forensicFreeze, [await lab.target(id)], {}, { freezer });
    expect(seen.error).toMatchObject({ message: 'no' });
    expect(await lab.left()).toEqual([]);
  });
});
