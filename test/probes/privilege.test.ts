import { afterAll, beforeAll, expect, test } from 'vitest';
import { openProbeLab, type ProbeLab } from './lab.ts';

let lab: ProbeLab;
beforeAll(async () => {
  lab = await openProbeLab('privilege');
});
afterAll(() => lab.close());

test('every one of them is seen red where its weakness is planted', async () => {
  const tested = await lab.selfTest(['PRV-01', 'PRV-04']);
  expect([...tested].map(([id, { outcome, reason }]) => [id, outcome === 'red' ? 'red' : reason])).toEqual([
    ['PRV-01', 'red'],
    ['PRV-04', 'red'],
  ]);
});

test('a default container holds, one with a capability more does not', async () => {
  const plain = await lab.run('plain', { Cmd: ['sleep', '300'] });
  const strong = await lab.run('strong', { Cmd: ['sleep', '300'], HostConfig: { CapAdd: ['SYS_PTRACE'] } });
  expect((await lab.ask(plain, 'PRV-01'))[0]).toBe('holds');
  expect(await lab.ask(strong, 'PRV-01')).toEqual(['broken', expect.stringContaining('SYS_PTRACE')]);
  expect(await lab.ask(strong, 'PRV-01', { allow: { capabilities: ['cap_sys_ptrace', 'CHOWN'] } })).toEqual([
    'broken',
    expect.not.stringContaining('SYS_PTRACE,'),
  ]);
  const probed = await lab.probe(plain, ['PRV-04']);
  console.log(JSON.stringify(probed, (k, v) => (k === 'probe' ? undefined : v), 1));
});
