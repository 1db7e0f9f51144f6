import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { safeKill } from '../../src/forensics/hold/safe-kill.ts';
import { type HoldLab, holdLab } from './hold-lab.ts';

vi.setConfig({ testTimeout: 180_000 });
let lab: HoldLab;
beforeAll(async () => {
  lab = await holdLab();
});
afterAll(() => lab.close());

/** Several processes that append to a volume as fast as they can, and more of it when they are told to end. */
const writer =
  "echo ready >> /out/init; trap 'echo term >> /out/init; exit 0' TERM INT HUP; " +
  "for n in 1 2 3; do (trap 'echo term >> /out/'$n TERM; while :; do echo x >> /out/$n; done) & done; while :; do echo x >> /out/init; done";

async function written(volume: string): Promise<string> {
  const { id } = await lab.lab.run(`count-${Math.random().toString(36).slice(2)}`, {
    Cmd: ['sleep', '1000'],
    HostConfig: { NetworkMode: 'none', Binds: [`${volume}:/out`] },
  });
  try {
    return await lab.lab.shell(id, 'cd /out; for f in *; do wc -c $f; done');
  } finally {
    await lab.engine.remove(id, { force: true });
  }
}

async function killedWhileWriting(what: string, count: number, proc?: string): Promise<string[]> {
  const ways: string[] = [];
  for (let run = 0; run < count; run++) {
    const volume = lab.lab.name(`${what}-${run}`);
    await lab.lab.volume(`${what}-${run}`);
    const { id } = await lab.lab.run(`${what}-${run}`, {
      Cmd: ['sh', '-c', writer],
      HostConfig: { NetworkMode: 'none', Binds: [`${volume}:/out`], RestartPolicy: { Name: 'always' } },
    });
    while (!/^\d{4,} /.test(await lab.lab.shell(id, 'wc -c /out/3').catch(() => '')));
    const held = await lab.freezeThis(id);
    const before = await written(volume);
    const killed = await safeKill(held, lab.io({ proc }));
    const now = await lab.engine.inspect(id);
    expect(await written(volume)).toBe(before);
    expect([now.State.Running, now.State.Status, now.HostConfig.RestartPolicy.Name]).toEqual([false, 'exited', 'no']);
    expect(lab.store.holds.get(held.evidenceId)).toMatchObject({ state: 'released', ending: 'killed' });
    ways.push(killed.way);
    await lab.engine.remove(id);
  }
  return ways;
}

describe('the end of a frozen container', () => {
  // each run is a chance for a handler to run; where time counts, fewer
  const runs = process.env.PITWALL_TEST_FULL !== undefined ? 20 : 7;

  it('from this machine: not a byte more in any of the runs', async () => {
    expect(await killedWhileWriting('local', runs)).toEqual(Array(runs).fill('local'));
  });

  it('through a helper: not a byte more in any of the runs', async () => {
    // as on an engine whose processes this machine does not show
    expect(await killedWhileWriting('helper', runs, '/nowhere')).toEqual(Array(runs).fill('helper'));
  });
});
