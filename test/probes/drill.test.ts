/** The kind as its users have it: the built command, a drill file, real containers. */
import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import type { PlanReport } from '../../src/runner/plan.ts';
import { openStore } from '../../src/store/open.ts';
import { realClock } from '../checks/scope.ts';
import { type BusyboxHomes, busyboxHomes, machineHasBusybox } from '../support/busybox.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

let homes: BusyboxHomes;
let box: Fixture;
let home: Pitwall;

beforeAll(async () => {
  homes = await busyboxHomes('probe-drill');
});
afterAll(() => homes[Symbol.asyncDispose]());
beforeEach(() => {
  box = fixture();
  home = homes.open();
});
afterEach(async () => {
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

const drill = (params: string, rest = '') =>
  home.file(
    'sandbox.yaml',
    `name: sandbox
kind: adversarial-probe
targets: { labels: { pitwall.test: ${box.id} } }
params: { ${params} }
${rest}`,
  );
const finding = ({ findings }: RunRecord, probe: string, target?: string) =>
  findings.find((one) => one.probe === probe && (target === undefined || one.target === box.name(target)));
/** Of this instance's runs, nothing in any list of the engine. */
async function nothingLeft({ id }: RunRecord) {
  const ours = ['--filter', `label=pitwall.run=${id}`];
  const lists = [
    ['ps', '-aq'],
    ['network', 'ls', '-q'],
    ['volume', 'ls', '-q'],
    ['images', '-q'],
  ];
  expect(await Promise.all(lists.map((list) => docker(...list, ...ours)))).toEqual(['', '', '', '']);
}

/** Of every step that was run in a dummy, from the run's artifact. */
function commandsOf({ id }: RunRecord): string[] {
  const store = openStore({ path: join(home.home, 'pitwall.db'), clock: realClock, create: false });
  const content = store.runs.artifact(id, 'probes')?.content.toString('utf8') ?? '';
  store.close();
  const { targets } = JSON.parse(content) as { targets: { probes: { steps: { command: string }[] }[] }[] };
  return targets.flatMap(({ probes }) => probes).flatMap(({ steps }) => steps.map(({ command }) => command));
}

test('read-only, shell-less and default containers are probed, and none of them is touched', async () => {
  await docker('network', 'create', '--label', box.label, box.name('net'));
  await docker('volume', 'create', '--label', box.label, box.name('data'));
  const shell = await box.run('default', '--network', box.name('net'), '-v', `${box.name('data')}:/data`, '--', 'sleep', '600');
  await docker('exec', shell, 'sh', '-c', 'echo kept > /data/file; echo kept > /tmp/file');
  // an image of one file, which is no shell
  const bare = `${box.id}-bare:1`;
  await homes.lab.engine.importImage(await programTar(), bare, [`LABEL ${box.label}`]);
  try {
    const options = ['--label', box.label, '--label', 'pitwall.drills=all', '--read-only', '--user', '65534', '--cap-drop', 'ALL'];
    await docker(
      'run',
      '-d',
      '--name',
      box.name('bare'),
      ...options,
      '--security-opt',
      'no-new-privileges',
      '--network',
      'none',
      bare,
      '/sleep',
      '600',
    );
    const all = ['default', 'bare'].map((name) => box.name(name));
    const state = () =>
      Promise.all(
        all.map(async (name) => [
          (await docker('diff', name)).split('\n').toSorted(),
          await docker('inspect', '-f', '{{.State.StartedAt}} {{.RestartCount}}', name),
        ]),
      );
    const before = await state();
    const { exitCode, record } = await home.run(drill('probes: [PRV-01, PRV-03, PRV-04, FS-01]'));
    expect(record.targets.map(({ outcome }) => outcome)).toEqual([expect.stringContaining('probed'), expect.stringContaining('probed')]);
    expect([finding(record, 'FS-01', 'default')?.state, finding(record, 'FS-01', 'bare')?.state]).toEqual(['broken', 'holds']);
    expect([finding(record, 'PRV-03', 'default')?.state, finding(record, 'PRV-03', 'bare')?.state]).toEqual(['broken', 'holds']);
    expect([finding(record, 'DUMMY', 'default')?.state, finding(record, 'DUMMY', 'bare')?.state]).toEqual(['holds', 'holds']);
    expect([exitCode, record.verdict]).toEqual([1, 'failed']);
    expect(await state()).toEqual(before);
    expect(await orphanedBridges()).toEqual([]);
    expect(await docker('exec', shell, 'cat', '/data/file')).toBe('kept');
    expect(record.measurements.filter(({ target }) => target === null).map(({ name, value }) => [name, value])).toEqual([
      ['detection_rate', 1],
      ['self_tested', 1],
    ]);
    await nothingLeft(record);
  } finally {
    await docker('rm', '-f', box.name('bare'));
    await docker('rmi', '-f', bare);
  }
});

test('a plan has every command that the run then runs, and changes nothing', async () => {
  await box.run('a', '--pids-limit', '64', '-v', '/data', '--', 'sleep', '600');
  const file = drill('probes: [PRV-04, FS-02, FS-17, RES-01, IMG-08], selfTest: off');
  const containers = await box.all();
  const { steps } = JSON.parse((await home.call('plan', file, '--json')).stdout) as PlanReport;
  expect(await box.all()).toEqual(containers);
  const planned = steps.flatMap(({ actions }) => actions).map((line) => line.replace(/^ {2}[A-Z]+-\d+ \([^)]*\): /, ''));
  const { record } = await home.run(file);
  const ran = commandsOf(record);
  expect(ran.length).toBeGreaterThan(8);
  expect(ran.filter((command) => !planned.includes(command))).toEqual([]);
});

test('a waiver counts until its day, for its service alone, and is shown; one that ran out counts for nothing', async () => {
  await box.run('a', '--label', 'com.docker.compose.project=p', '--label', 'com.docker.compose.service=a', '--', 'sleep', '600');
  await box.run('b', '--label', 'com.docker.compose.project=p', '--label', 'com.docker.compose.service=b', '--', 'sleep', '600');
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const waiver = (service: string, until: string) =>
    `{ probe: FS-01, service: ${service}, reason: it writes, owner: team, until: ${until} }`;
  const only = 'probes: [FS-01], selfTest: off';
  const both = await home.run(drill(`${only}, waivers: [${waiver('a', day(30))}, ${waiver('b', day(1))}]`));
  expect([both.exitCode, both.record.verdict]).toEqual([0, 'passed']);
  expect(finding(both.record, 'FS-01', 'a')).toMatchObject({
    state: 'broken',
    waivedUntil: expect.stringContaining(day(31)),
    evidence: expect.stringContaining('by team: it writes'),
  });
  const one = await home.run(drill(`${only}, waivers: [${waiver('a', day(30))}, ${waiver('b', day(-1))}]`));
  expect([one.exitCode, finding(one.record, 'FS-01', 'b')]).toEqual([
    1,
    expect.objectContaining({ waivedUntil: null, evidence: expect.stringContaining('ran out') }),
  ]);
  const long = await home.run(drill(`${only}, waivers: [${waiver('a', day(100))}]`));
  expect([long.exitCode, long.record.reason]).toEqual([2, expect.stringContaining('more than 90 days')]);
  const unknown = await home.run(drill(`${only}, allow: { aa: { user: any } }`));
  expect([unknown.exitCode, unknown.record.reason]).toEqual([2, expect.stringMatching(/params\.allow\.aa.*did you mean "a"/)]);
});

test.each([
  ['waivers: [{ probe: FS-01, reason: r, until: 2027-01-31 }]', 'params.waivers[0].owner'],
  ['waivers: [{ probe: FS-99, reason: r, owner: o, until: 2027-01-31 }]', 'params.waivers[0].probe'],
  ['waivers: [{ probe: FS-01, reason: r, owner: o, until: soon }]', 'params.waivers[0].until'],
  ['probes: [privileges]', 'did you mean "privilege"'],
  ['egress: true, decoy: "10.0.0.1:80"', 'params.decoy'],
  ['allow: { a: { capabilities: [net_raw] } }', 'params.allow.a.capabilities[0]'],
])('%s is a mistake in the file', async (params, place) => {
  const { exitCode, stderr } = await home.call('validate', drill(params));
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(place)]);
});

test.skipIf(machineHasBusybox)('without a static busybox nothing is attempted, which is not called safe', async () => {
  await box.run('a', '--', 'sleep', '600');
  using poor = pitwall();
  const { exitCode, record } = await poor.run(drill('probes: [PRV-04, PRV-07]'));
  expect([exitCode, record.verdict, finding(record, 'PRV-04')?.state]).toEqual([3, 'inconclusive', 'inconclusive']);
  expect(finding(record, 'PRV-04')?.evidence).toContain('no static busybox');
  // of two only the one that the API decides could be tested: that is no detection rate
  expect(record.measurements.filter(({ target }) => target === null).map(({ name, value }) => [name, value])).toEqual([
    ['self_tested', 0.5],
  ]);
  await nothingLeft(record);
});

test('one that is gone meanwhile is inconclusive, and the others are probed', async () => {
  await box.run('goes', '--', 'sleep', '600');
  await box.run('stays', '--', 'sleep', '600');
  const started = home.start('run', drill('probes: [PRV-01], selfTest: off'));
  await started.saw('planned');
  await docker('rm', '-f', box.name('goes'));
  const { exitCode } = await started.ended;
  const [{ id }] = JSON.parse((await home.call('runs', '--json')).stdout) as [RunRecord];
  const record = JSON.parse((await home.call('show', id, '--json')).stdout) as RunRecord;
  expect([exitCode, record.verdict]).toEqual([3, 'inconclusive']);
  expect(finding(record, 'DUMMY', 'goes')?.state).toBe('inconclusive');
  expect(finding(record, 'PRV-01', 'stays')?.state).toBe('holds');
  await nothingLeft(record);
});

test('a decoy stands for the outside: reached it is broken, and silence holds because it answers where it is', async () => {
  for (const name of ['near', 'far']) await docker('network', 'create', '--label', box.label, box.name(name));
  const decoy = await box.runPlain('decoy', '--network', box.name('far'), '--', 'busybox', 'httpd', '-f', '-p', '80');
  const address = await docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', decoy);
  await box.run('apart', '--network', box.name('near'), '--', 'sleep', '600');
  await box.run('beside', '--network', box.name('far'), '--', 'sleep', '600');
  const ask = async (port: number) => (await home.run(drill(`probes: [NET-02], decoy: "${address}:${port}", selfTest: off`))).record;
  const answered = await ask(80);
  expect([finding(answered, 'NET-02', 'beside')?.state, finding(answered, 'NET-02', 'apart')?.state]).toEqual(['broken', 'holds']);
  // nobody listens there, so silence says nothing
  expect(finding(await ask(81), 'NET-02', 'apart')?.state).toBe('inconclusive');
  const left = await box.runPlain('left', '--network', box.name('far'), '--label', 'pitwall.skip=true', '--', 'sleep', '600');
  const own = await docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', left);
  const refused = await home.run(drill(`probes: [NET-02], decoy: "${own}:80", selfTest: off`));
  expect([refused.exitCode, refused.record.reason]).toEqual([4, expect.stringContaining('pitwall.skip')]);
});

test('killed at any moment, recover leaves nothing', async () => {
  await box.run('a', '-v', '/data', '--', 'sleep', '600');
  for (const wanted of [/planned/, /self-test/]) {
    const started = home.start('run', drill('parallel: 1'));
    await started.saw(wanted);
    started.child.kill('SIGKILL');
    await started.ended;
    expect((await home.call('recover')).exitCode).toBe(0);
  }
  for (const run of JSON.parse((await home.call('runs', '--json')).stdout) as RunRecord[]) await nothingLeft(run);
});

test('what looks like a secret in an environment is in no record', async () => {
  await box.run('a', '-e', 'DATABASE_PASSWORD=hunter2hunter2', '--', 'sleep', '600');
  const { record } = await home.run(drill('probes: [secrets, PRV-04], selfTest: off'));
  expect(JSON.stringify(record)).not.toContain('hunter2hunter2');
  for (const name of readdirSync(home.home).filter((file) => file.startsWith('pitwall.db')))
    expect(readFileSync(join(home.home, name)).includes('hunter2hunter2')).toBe(false);
});

/** Interfaces of the host that no network of the engine owns any more. Other tests come and go meanwhile, so both are asked again. */
async function orphanedBridges(): Promise<string[]> {
  const names = () => Object.keys(networkInterfaces()).filter((name) => /^br-[0-9a-f]{12}$/.test(name));
  const before = names();
  const owned = (await docker('network', 'ls', '-q')).split('\n');
  const after = names();
  return before.filter((name) => after.includes(name) && !owned.includes(name.slice(3)));
}

async function programTar(): Promise<NodeJS.ReadableStream> {
  const { pack } = await import('tar-stream');
  const tar = pack();
  tar.entry({ name: 'sleep', mode: 0o755 }, readFileSync(join(home.home, 'helper/busybox')));
  tar.finalize();
  return tar as unknown as NodeJS.ReadableStream;
}
