import { afterAll, beforeAll, expect, test } from 'vitest';
import { forensicFreeze } from '../../src/drills/forensic-freeze/index.ts';
import { type DrillLab, openDrillLab } from './drill-lab.ts';

let lab: DrillLab;
beforeAll(async () => {
  lab = await openDrillLab('drill-not-replaced');
});
afterAll(() => lab.close());

test('a target that could not be replaced goes on when the lease is over: nothing stands in for it', async () => {
  const id = await lab.lab.run('host', { Cmd: ['sleep', '600'], HostConfig: { NetworkMode: 'host' } });
  const seen = await lab.practise(forensicFreeze, [await lab.target(id)], { on: 'target', disposition: 'replace', canaries: ['memory'] });
  expect(seen.error).toMatchObject({ code: 'disposition' });
  expect(seen.results[0]?.evidence.hold).toMatchObject({ state: 'held', onExpiry: 'resume' });
  await lab.engine.unpause(id);
});
