import pLimit from 'p-limit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resources } from '../../src/probes/catalogue/resources.ts';
import { dummyBody } from '../../src/probes/dummy-spec.ts';
import { surroundings } from '../../src/probes/gather.ts';
import { resourcesReferences } from '../../src/probes/references/resources.ts';
import { selfTest } from '../../src/probes/self-test.ts';
import { openProbeLab, type ProbeLab } from './lab.ts';

const all = resources.map(({ id }) => id);
const MiB = 1024 * 1024;
const rest = { Cmd: ['sleep', '300'] };

let lab: ProbeLab;
beforeAll(async () => {
  lab = await openProbeLab('resources');
}, 60_000);
afterAll(() => lab.close());

async function states(container: string): Promise<Record<string, string>> {
  const { evaluated } = await lab.probe(container, all);
  const differing = evaluated.filter(({ answer }) => answer.disagreement !== undefined);
  expect(differing.map(({ probe, answer }) => `${probe.id} ${answer.disagreement}`)).toEqual([]);
  return Object.fromEntries(evaluated.map(({ probe, answer }) => [probe.id, answer.state]));
}

test('every one of them is seen red where its weakness is planted, those with a limit by the kernel', async () => {
  const tested = await lab.selfTest(all);
  expect(Object.fromEntries([...tested].map(([id, { outcome, reason }]) => [id, outcome === 'red' ? reason : `${id} ${reason}`]))).toEqual({
    'RES-01': expect.stringMatching(/^82 processes .* could be started with a limit of 32/),
    'RES-02': expect.stringMatching(/^64 MiB more than its limit of 32 MiB could be filled/),
    'RES-03': expect.stringMatching(/^it may swap without limit/),
    'RES-04': expect.stringMatching(/^its loops got \S+ CPUs of 0.01 CPUs/),
    'RES-05': expect.stringMatching(/^it may write cores/),
    'RES-06': expect.stringMatching(/^json-file, max-size not given/),
    'RES-07': expect.stringMatching(/^64 MiB could be had in its layer/),
  });
});

test('three containers get the answers that are right', async () => {
  const hardened = await lab.run('hardened', {
    ...rest,
    User: '65534:65534',
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      NetworkMode: 'none',
      PidsLimit: 32,
      Memory: 32 * MiB,
      MemorySwap: 32 * MiB,
      NanoCpus: 100_000_000,
      Ulimits: [
        { Name: 'core', Soft: 0, Hard: 0 },
        { Name: 'nofile', Soft: 1024, Hard: 1024 },
      ],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    },
  });
  const plain = await lab.run('plain', rest);
  const weak = await lab.run('weak', {
    ...rest,
    Volumes: { '/data': {} },
    HostConfig: {
      PidsLimit: -1,
      Memory: 64 * MiB,
      MemorySwap: -1,
      CpuShares: 512,
      Ulimits: [{ Name: 'core', Soft: -1, Hard: -1 }],
      LogConfig: { Type: 'json-file', Config: { 'max-file': '3' } },
    },
  });
  // Docker gives it those of the engine's own process
  const [core = '', files = ''] = (await lab.shell(plain, 'ulimit -c; ulimit -n')).split('\n');
  const [ofHardened, ofPlain, ofWeak] = await Promise.all([states(hardened), states(plain), states(weak)]);
  expect(ofHardened).toEqual(Object.fromEntries(all.map((id) => [id, 'holds'])));
  expect(ofPlain).toEqual({
    'RES-01': 'broken',
    'RES-02': 'broken',
    'RES-03': 'not-applicable', // no limit that swap could widen
    'RES-04': 'broken',
    'RES-05': core === '0' && Number(files) <= 1_048_576 ? 'holds' : 'broken',
    'RES-06': 'broken',
    'RES-07': 'broken',
  });
  expect(ofWeak).toEqual({
    'RES-01': 'broken',
    'RES-02': 'holds', // it has a limit, so that swap can widen it
    'RES-03': 'broken',
    'RES-04': 'broken', // shares are no limit
    'RES-05': 'broken',
    'RES-06': 'broken',
    'RES-07': 'broken',
  });
});

test('nothing is started where there is no limit, and in place of a great one a smaller is seen to bite', async () => {
  const plain = await lab.run('none', rest);
  const huge = await lab.run('huge', { ...rest, HostConfig: { PidsLimit: 5_000, Memory: 2_048 * MiB, NetworkMode: 'none' } });
  const [ofPlain, ofHuge] = await Promise.all([plain, huge].map((id) => lab.probe(id, ['RES-01', 'RES-02', 'RES-04'])));
  expect(ofPlain?.evaluated.map(({ raw, answer }) => [answer.state, raw])).toEqual([
    ['broken', []],
    ['broken', []],
    ['broken', []],
  ]);
  expect(ofHuge?.evaluated.map(({ answer }) => [answer.state, answer.evidence])).toEqual([
    ['holds', expect.stringMatching(/^the API says 5000; a limit of 128 was seen to bite in the dummy: after 1[12]\d processes/)],
    [
      'holds',
      expect.stringMatching(/^the API says 2 GiB; a limit of 256 MiB was seen to bite in the dummy: beyond 256 MiB the kernel kills/),
    ],
    ['broken', expect.any(String)],
  ]);
});

test('a great limit is broken where not even the smaller one bites', async () => {
  const Memory = 512 * MiB;
  const great = {
    name: 'limitless',
    how: 'run',
    config: { User: '0:0' },
    host: { Memory, MemorySwap: Memory, PidsLimit: 512 },
    claims: { PidsLimit: 5_000, Memory: 2_048 * MiB },
  } as const;
  const around = await surroundings(lab.engine, Date.now(), lab.shop.signal);
  const tested = await selfTest(lab.shop, {
    probes: resources.filter(({ id }) => ['RES-01', 'RES-02'].includes(id)),
    weakDummies: [great],
    host: around.host,
    full: false,
    outside: null,
    hashed: (value) => value,
    limit: pLimit(2),
  });
  expect([...tested.values()]).toEqual([
    { outcome: 'red', reason: expect.stringMatching(/^178 processes beside its own could be started with a limit of 128/) },
    { outcome: 'red', reason: expect.stringMatching(/^64 MiB more than its limit of 256 MiB could be filled/) },
  ]);
});

test('a dummy has the limit that is tried in it', () => {
  const limited = (alone: 'pids' | 'memory' | 'cpu', HostConfig: object) =>
    dummyBody(
      {
        Id: 'id',
        HostConfig: { NetworkMode: 'none', ...HostConfig },
        Config: { Labels: {}, Env: [] },
        Mounts: [],
        NetworkSettings: { Networks: {} },
      } as never,
      { Config: {} } as never,
      {
        labels: {} as never,
        tools: 't',
        network: 'none',
        nameServers: [],
        volumes: [],
        binds: [],
        command: ['true'],
        alone,
      },
    ).HostConfig;
  expect(limited('cpu', { CpuQuota: 300_000 })).toMatchObject({ NanoCpus: 1e9, CpuQuota: 0 });
  expect(limited('cpu', { NanoCpus: 5e8 })).toMatchObject({ NanoCpus: 5e8 });
  expect(limited('pids', { PidsLimit: 451 })).toMatchObject({ PidsLimit: 128 });
  expect(limited('pids', { PidsLimit: 450 })).toMatchObject({ PidsLimit: 450 });
  expect(limited('memory', { Memory: 513 * MiB })).toMatchObject({ Memory: 256 * MiB, MemorySwap: 256 * MiB });
  expect(limited('memory', { Memory: 512 * MiB })).toMatchObject({ Memory: 512 * MiB });
  expect(limited('pids', { Memory: 513 * MiB })).toMatchObject({ Memory: 512 * MiB });
});

test('an end by time is no limit that bites', () => {
  const judged = (id: string, HostConfig: object, output: string, exitCode: number) =>
    resources
      .find((probe) => probe.id === id)
      ?.judge({
        inspect: { HostConfig },
        host: { info: { cpus: 4 } },
        unattempted: null,
        step: () => ({ command: '', output, exitCode }),
      } as never).state;
  const memory = { Memory: 32 * MiB };
  expect(judged('RES-02', memory, 'before_oom_kill 0\n', 137)).toBe('inconclusive');
  expect(judged('RES-02', memory, 'before_oom_kill 1\noom_kill 1\n', 137)).toBe('inconclusive');
  expect(judged('RES-02', memory, 'before_oom_kill 0\noom_kill 1\n', 137)).toBe('holds');
  expect(judged('RES-02', memory, 'dd: out of memory\n', 1)).toBe('inconclusive');
  expect(judged('RES-01', { PidsLimit: 32 }, 'started 12\n', 137)).toBe('inconclusive');
  expect(judged('RES-01', { PidsLimit: 32 }, "sh: can't fork: Resource temporarily unavailable\nstarted 0\n", 2)).toBe('inconclusive');
  // a great one holds only by the smaller that was tried
  const great = { PidsLimit: 5_000, Memory: 2_048 * MiB };
  expect(judged('RES-01', great, 'started 150\n', 137)).toBe('broken');
  expect(judged('RES-01', great, 'started 12\n', 137)).toBe('inconclusive');
  expect(judged('RES-02', great, 'before_oom_kill 0\n', 137)).toBe('inconclusive');
  expect(judged('RES-02', great, 'before_oom_kill 0\noom_kill 1\n', 137)).toBe('holds');
  const burnt = (usage: number, throttled: number) =>
    `usage_usec 1000\nnr_throttled 0\nuptime 10.00\nusage_usec ${1000 + usage}\nnr_throttled ${throttled}\nuptime 11.00\n`;
  expect(judged('RES-04', { NanoCpus: 5e8 }, burnt(500_000, 9), 0)).toBe('holds');
  expect(judged('RES-04', { NanoCpus: 5e8 }, burnt(400_000, 0), 0)).toBe('inconclusive');
  expect(judged('RES-04', { CpuQuota: 50_000 }, burnt(990_000, 1), 0)).toBe('broken');
  // three of four, tried by one
  expect(judged('RES-04', { CpuQuota: 300_000 }, '', 0)).toBe('inconclusive');
  expect(judged('RES-04', { CpuQuota: 300_000 }, burnt(1_000_000, 9), 0)).toBe('holds');
  expect(judged('RES-04', { CpuQuota: 300_000 }, burnt(1_900_000, 0), 0)).toBe('broken');
  expect(judged('RES-04', { CpuQuota: 400_000 }, burnt(1_000_000, 9), 0)).toBe('inconclusive');
  expect(judged('RES-04', { CpusetCpus: '0-2' }, '', 0)).toBe('holds');
  expect(judged('RES-04', { CpusetCpus: '0-3' }, '', 0)).toBe('broken');
  expect(judged('RES-04', { NanoCpus: 5e8 }, '', 0)).toBe('inconclusive');
});

test('a user that may not write in its layer is no bound, and a tmpfs is not the disk', async () => {
  const user = await lab.run('user', { ...rest, User: '65534:65534' });
  const shut = await lab.run('shut', { ...rest, HostConfig: { ReadonlyRootfs: true, Tmpfs: { '/tmp': 'size=128m' } } });
  const open = await lab.run('open', { ...rest, Volumes: { '/data': {} }, HostConfig: { ReadonlyRootfs: true } });
  const [ofUser, ofShut, ofOpen] = await Promise.all([user, shut, open].map((id) => lab.ask(id, 'RES-07')));
  expect(ofUser?.[0]).toBe('broken');
  expect(ofShut).toEqual(['holds', expect.stringContaining('EROFS')]);
  expect(ofOpen).toEqual(['broken', expect.stringContaining('/data')]);
});

test('one that was never started and is privileged is judged by the API', async () => {
  const { id } = await lab.engine.create(`${lab.mark}-privileged`, {
    Image: 'pitwall-fixture/busybox:1',
    ...rest,
    Labels: lab.labels,
    HostConfig: { Privileged: true, Memory: 64 * MiB },
  });
  expect(await states(id)).toMatchObject({ 'RES-01': 'broken', 'RES-02': 'inconclusive', 'RES-05': 'inconclusive', 'RES-07': 'broken' });
});

test('what others call them is of probes that are there', () => {
  expect(Object.keys(resourcesReferences).filter((id) => !all.includes(id))).toEqual([]);
});
