import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import type { PlanReport } from '../../src/runner/plan.ts';
import { busybox, docker, type Fixture, fixture } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

let tools: string;
let box: Fixture;
beforeAll(async () => {
  tools = mkdtempSync(join(tmpdir(), 'pitwall-tools-'));
  box = fixture();
  // this machine may have no static busybox for the helper image; the fixture has
  const id = await docker('create', '--label', box.label, busybox);
  await docker('cp', '-L', `${id}:/bin/busybox`, join(tools, 'busybox'));
});
afterAll(async () => {
  rmSync(tools, { recursive: true, force: true });
  await box[Symbol.asyncDispose]();
});

const drill = `name: sandbox
kind: adversarial-probe
targets: { compose: { project: any } }
params: { probes: [PRV-01], selfTest: off }
`;

const compose = `services:
  good:
    image: ${busybox}
    user: "1000:1000"
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    volumes: ["./no-such-folder:/data", "kept:/kept"]
    networks: [inner]
  bad:
    image: ${busybox}
    cap_add: [SYS_ADMIN]
volumes: { kept: {} }
networks: { inner: {} }
`;

function home(): Pitwall {
  const made = pitwall();
  mkdirSync(join(made.home, 'helper'), { recursive: true });
  copyFileSync(join(tools, 'busybox'), join(made.home, 'helper', 'busybox'));
  made.file('.git/HEAD', '');
  made.file('sandbox.yaml', drill);
  made.file('deploy/compose.yml', compose);
  return made;
}

const left = async (run: string) => [
  await docker('ps', '-aq', '--filter', `label=pitwall.run=${run}`),
  await docker('volume', 'ls', '-q', '--filter', `label=pitwall.run=${run}`),
  await docker('network', 'ls', '-q', '--filter', `label=pitwall.run=${run}`),
];
const states = (record: RunRecord) => record.findings.map(({ probe, target, state }) => `${target} ${probe} ${state}`);

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly { readonly ruleId: string; readonly baselineState?: string; readonly locations: unknown }[];
  }[];
}
const sarifOf = (one: Pitwall, file: string) => JSON.parse(readFileSync(join(one.home, file), 'utf8')) as Sarif;

test('a Compose file: its services are tested, reported where they stand, and nothing of them is left or made', async () => {
  using one = home();
  const { exitCode, record } = await one.run('sandbox.yaml', '--compose', 'deploy/compose.yml', '--junit', 'j.xml', '--sarif', 's.sarif');
  expect({ exitCode, trigger: record.trigger, targets: record.targets.map(({ name, service }) => `${name} ${service}`) }).toEqual({
    exitCode: 1,
    trigger: 'ci',
    targets: ['bad bad', 'good good'],
  });
  expect(states(record)).toEqual(expect.arrayContaining(['bad PRV-01 broken', 'good PRV-01 holds']));
  expect(await left(record.id)).toEqual(['', '', '']);
  // what is tested before deployment proves nothing of what runs under the same service's name
  expect(JSON.parse((await one.call('scorecard', '--items', '--json')).stdout)).toMatchObject({ items: [] });
  expect(existsSync(join(one.home, 'deploy/no-such-folder'))).toBe(false);
  expect(await docker('volume', 'ls', '-q', '--filter', 'name=^deploy_kept$')).toBe('');
  const junit = readFileSync(join(one.home, 'j.xml'), 'utf8');
  expect(junit).toMatch(/<testcase name="PRV-01 [^"]*"[^>]*>\s*<failure message="broken \(high\)" type="high">/);
  expect(junit.match(/<testsuite name="(\w+)"/g)).toEqual(['<testsuite name="bad"', '<testsuite name="good"']);
  const { results } = sarifOf(one, 's.sarif').runs[0] as Sarif['runs'][0];
  const line = compose.split('\n').indexOf('  bad:') + 1;
  expect(results.find(({ ruleId }) => ruleId === 'PRV-01')?.locations).toMatchObject([
    { physicalLocation: { artifactLocation: { uri: 'deploy/compose.yml' }, region: { startLine: line } } },
  ]);
});

test('an image alone is tested as it would be started without an option', async () => {
  using one = home();
  const { record, stderr } = await one.run('sandbox.yaml', '--image', busybox, '--sarif', 's.sarif');
  expect(record.targets.map(({ name, service }) => [name, service])).toEqual([['busybox', null]]);
  expect(states(record)).toEqual(expect.arrayContaining(['busybox PRV-01 holds']));
  expect(stderr).toMatch(/without any option/);
  expect(await left(record.id)).toEqual(['', '', '']);
});

test('an image is of no service: what the drill says of services is no mistake then, and counts for nothing', async () => {
  using one = home();
  const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const waiver = `{ probe: IMG-06, service: db, reason: r, owner: o, until: ${until} }`;
  one.file('sandbox.yaml', drill.replace('PRV-01]', `IMG-06], failOn: low, allow: { web: { user: any } }, waivers: [${waiver}]`));
  const { exitCode, stdout, stderr } = await one.call('run', 'sandbox.yaml', '--image', busybox);
  expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/broken {2}medium {2}IMG-06 .*\(busybox\)\n/)]);
  expect(stderr).toContain('an image is of no service: params.allow.web, params.waivers[0].service count for nothing');
  const { exitCode: code, record: unknown } = await one.run('sandbox.yaml', '--compose', 'deploy/compose.yml');
  expect([code, unknown.reason]).toEqual([2, expect.stringContaining('params.allow.web')]);
});

test('a plan of what is not deployed has its commands, and leaves nothing', async () => {
  using one = home();
  const { exitCode, stdout, stderr } = await one.call('plan', 'sandbox.yaml', '--compose', 'deploy/compose.yml', '--json');
  expect([exitCode, stderr]).toEqual([0, '']);
  const plan = JSON.parse(stdout) as PlanReport;
  expect(plan.steps.flatMap(({ targets }) => targets.map(({ name }) => name))).toEqual(['bad', 'good']);
  expect(plan.steps[0]?.actions).toContain("  PRV-01 (read-only): $B grep '^CapEff:' /proc/self/status");
  expect(plan.notes.join()).toContain('made from deploy/compose.yml for this plan;');
  const ids = plan.steps.flatMap(({ targets }) => targets.map(({ id }) => id));
  for (const id of ids) expect(await docker('ps', '-aq', '--no-trunc', '--filter', `id=${id}`)).toBe('');
  expect(JSON.parse((await one.call('runs', '--json')).stdout)).toEqual([]);
  const image = await one.call('plan', 'sandbox.yaml', '--image', busybox);
  expect([image.exitCode, image.stdout]).toEqual([0, expect.stringContaining("PRV-01 (read-only): $B grep '^CapEff:'")]);
  expect((await one.call('plan', 'sandbox.yaml', '--image', 'no/such:1')).exitCode).toBe(2);
});

test('a plan that is stopped on its way leaves nothing of what it made', async () => {
  using one = home();
  const names = Array.from({ length: 12 }, (_, n) => `stop${box.id}-${n}`);
  const services = names.map((name) => `  ${name}: { image: "${busybox}", volumes: ["${name}:/kept"] }`);
  one.file('many.yml', `services:\n${services.join('\n')}\nvolumes: { ${names.map((name) => `${name}: {}`).join(', ')} }\n`);
  const ours = () => Promise.all(['ps -aq', 'volume ls -q'].map((list) => docker(...list.split(' '), '--filter', `name=stop${box.id}`)));
  const planning = one.start('plan', 'sandbox.yaml', '--compose', 'many.yml');
  let isOver = false;
  void planning.ended.then(() => (isOver = true));
  while (!isOver && (await ours())[1] === '') await sleep(20);
  planning.child.kill('SIGINT');
  const { exitCode, stderr } = await planning.ended;
  expect(await ours()).toEqual(['', '']);
  // on a busy machine it may be done before
  if (exitCode === 4) expect(stderr).toMatch(/SIGINT: stopping[\s\S]*stopped by SIGINT/);
});

test('before and after deployment the same probes give the same answers', async () => {
  using one = home();
  const project = `live${box.id}`;
  const opted = { 'pitwall.drills': 'all', 'pitwall.test': box.id };
  const shared = { image: busybox, labels: opted, init: true };
  const services = {
    strict: {
      ...shared,
      user: '1000:1000',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      pids_limit: 40,
      mem_limit: '64m',
      tmpfs: ['/tmp:noexec'],
    },
    loose: {
      ...shared,
      cap_add: ['NET_ADMIN', 'SYS_PTRACE'],
      security_opt: ['seccomp=unconfined'],
      volumes: ['data:/data'],
      ports: ['127.0.0.1::8080'],
    },
  };
  // JSON is YAML
  const file = one.file('both.yml', JSON.stringify({ name: project, services, volumes: { data: { labels: { 'pitwall.test': box.id } } } }));
  one.file(
    'both.yaml',
    drill
      .replace('{ compose: { project: any } }', `{ labels: { pitwall.test: ${box.id} }, compose: { project: ${project} } }`)
      .replace('[PRV-01]', '[privilege, FS-01, FS-03, FS-05, FS-12, FS-16, FS-18]'),
  );
  const before = await one.run('both.yaml', '--compose', 'both.yml');
  const compose = (...args: string[]) => promisify(execFile)('docker-compose', ['-f', file, ...args]);
  await compose('up', '-d', '--pull', 'never');
  try {
    const after = await one.run('both.yaml');
    const answers = ({ record }: { readonly record: RunRecord }) =>
      new Map(
        record.findings.map(({ target, probe, title, state }) => [
          `${record.targets.find(({ name }) => name === target)?.service} ${probe} ${title}`,
          state,
        ]),
      );
    const [early, late] = [answers(before), answers(after)];
    expect([...early.keys()].sort()).toEqual([...late.keys()].sort());
    // on a busy machine an attempt may run out of time, and then says nothing, before as after
    const decided = [...early.keys()].filter((question) => ![early.get(question), late.get(question)].includes('inconclusive'));
    expect(decided.length).toBeGreaterThan(30);
    // what only a container that ran can show does not apply yet; nothing else differs
    const differing = decided.filter((question) => early.get(question) !== late.get(question));
    expect(differing.filter((question) => early.get(question) !== 'not-applicable')).toEqual([]);
    expect(differing.filter((question) => !/ (FS-18|PRV-16) /.test(question))).toEqual([]);
  } finally {
    await compose('down', '-v', '--timeout', '1');
  }
});

test('what runs is reported where its own Compose file has it, and with the drill where that cannot be read', async () => {
  using one = home();
  const file = one.file('deploy/live.yml', `# a comment\nservices:\n  live: { image: "${busybox}" }\n`);
  const labels = (path: string) => [
    'com.docker.compose.project=live',
    'com.docker.compose.service=live',
    `com.docker.compose.project.config_files=${path}`,
  ];
  await box.run('known', '--cap-add', 'SYS_ADMIN', ...labels(file).flatMap((label) => ['--label', label]));
  await box.run(
    'unknown',
    '--cap-add',
    'SYS_ADMIN',
    ...labels('/no/such.yml').flatMap((label) => ['--label', label]),
    '--label',
    'com.docker.compose.service=other',
  );
  one.file('live.yaml', drill.replace('compose: { project: any }', `labels: { pitwall.test: ${box.id} }`));
  expect((await one.run('live.yaml', '--sarif', 's.sarif')).record.targets).toHaveLength(2);
  expect(sarifOf(one, 's.sarif').runs[0]?.results.map(({ locations }) => locations)).toMatchObject([
    [{ physicalLocation: { artifactLocation: { uri: 'deploy/live.yml' }, region: { startLine: 3 } } }],
    [{ physicalLocation: { artifactLocation: { uri: 'live.yaml' }, region: { startLine: 1 } } }],
  ]);
});

test('with a baseline only what is new fails', async () => {
  using one = home();
  const first = await one.run('sandbox.yaml', '--compose', 'deploy/compose.yml');
  expect(first.exitCode).toBe(1);
  const args = ['--compose', 'deploy/compose.yml', '--baseline', first.record.id, '--junit', 'j.xml', '--sarif', 's.sarif'];
  const same = await one.run('sandbox.yaml', ...args);
  // the verdict is of the whole, the exit code of what changed
  expect([same.exitCode, same.record.verdict]).toEqual([0, 'failed']);
  expect(same.record).toMatchObject({ changes: { baseline: first.record.id, new: [], changed: [], gone: [] } });
  expect(readFileSync(join(one.home, 'j.xml'), 'utf8')).not.toContain('<testcase');
  expect(sarifOf(one, 's.sarif').runs[0]?.results.every(({ baselineState }) => baselineState === 'unchanged')).toBe(true);
  one.file('deploy/compose.yml', compose.replace('user: "1000:1000"', 'cap_add: [SYS_ADMIN]').replace('cap_drop: [ALL]', ''));
  const text = await one.call('run', 'sandbox.yaml', ...args);
  expect(text.exitCode).toBe(1);
  expect(text.stdout).toMatch(/changed, was holds: broken {2}PRV-01 .*\(good\)/);
  expect(text.stdout).not.toMatch(/^ .*(broken|holds) {2}PRV-01 [^\n]*\(bad\)/m);
});

test('a report never takes the place of what the run reads or writes besides', async () => {
  using one = home();
  one.file('deploy/compose.yml', compose);
  for (const [place, what] of [
    ['pitwall.db', 'database'],
    ['pitwall.db-wal', 'database'],
    ['sandbox.yaml', 'drill file'],
    ['deploy/compose.yml', 'Compose file'],
    ['deploy/.env', 'environment'],
  ] as const) {
    const { exitCode, stderr } = await one.call('run', 'sandbox.yaml', '--compose', 'deploy/compose.yml', '--junit', place);
    expect([place, exitCode, stderr]).toEqual([place, 2, expect.stringContaining(what)]);
  }
});

test.each(['pg://foo', '../../x', 'UPPER', 'a//b', 'x:y:z'])('--image %s is no image', async (image) => {
  using one = home();
  const { exitCode, stderr } = await one.call('run', 'sandbox.yaml', '--image', image);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(image)]);
});

test('what cannot be, is said before anything begins', async () => {
  using one = home();
  one.file('recycle.yaml', 'name: recycle\nkind: reverse-uptime\ntargets: { names: [x] }\nparams: { maxUptime: 7d }\n');
  one.file('lost.yml', 'services:\n  web: { image: "pitwall-no-such:1" }\n  made: { build: . }\n');
  one.file('broken.yml', 'services:\n  web: { image: x, ports: [no] }\n');
  const apart = `services:\n  web: { image: "${busybox}", network_mode: "service:vpn" }\n`;
  one.file('apart.yml', `${apart}  vpn: { image: "${busybox}", profiles: [vpn] }\n`);
  const mistakes: readonly (readonly [args: string[], message: RegExp])[] = [
    [['sandbox.yaml', '--image', 'pitwall-no-such:1'], /image pitwall-no-such:1 is not on local[\s\S]*docker pull pitwall-no-such:1/],
    [['sandbox.yaml', '--compose', 'lost.yml'], /image pitwall-no-such:1 of service web \(lost\.yml:2\) is not on local/],
    [['sandbox.yaml', '--compose', 'gone.yml'], /gone\.yml/],
    [['sandbox.yaml', '--compose', 'broken.yml'], /broken\.yml:2:\d+ services\.web\.ports\[0\]/],
    [['sandbox.yaml', '--compose', 'apart.yml'], /apart\.yml:2:\d+ services\.web\.network_mode: .*vpn, which is left out/],
    [['sandbox.yaml', '--image', busybox, '--compose', 'lost.yml'], /exclude each other/],
    [['recycle.yaml', '--image', busybox], /kind reverse-uptime, which needs containers that run[\s\S]*adversarial-probe/],
    [['sandbox.yaml', '--image', busybox, '--junit', 'no/such/j.xml'], /--junit no\/such\/j\.xml: the folder .* does not exist/],
    [['sandbox.yaml', '--image', busybox, '--sarif', '.'], /--sarif \.: it is a folder/],
    [['sandbox.yaml', '--image', busybox, '--baseline', '01JD00000000000000000000NO'], /there is no run 01JD/],
  ];
  for (const [args, message] of mistakes) {
    const answer = await one.call('run', ...args);
    expect([args, answer.exitCode, answer.stderr]).toEqual([args, 2, expect.stringMatching(message)]);
  }
  expect(JSON.parse((await one.call('runs', '--json')).stdout)).toEqual([]);
});

test('halt and environment hold before deployment too', async () => {
  using one = home();
  await one.call('halt', '--reason', 'test');
  expect((await one.run('sandbox.yaml', '--image', busybox)).exitCode).toBe(4);
  await one.call('unhalt');
  one.file('sandbox.yaml', `${drill}environments: [staging]\n`);
  const { exitCode, record } = await one.run('sandbox.yaml', '--image', busybox, '--junit', 'j.xml');
  expect([exitCode, record.verdict]).toEqual([4, 'refused']);
  expect(readFileSync(join(one.home, 'j.xml'), 'utf8')).toContain('type="refused"');
});

test('what somebody else holds by then is left, and said: residue', async () => {
  using one = home();
  const name = `odd${box.id}`;
  one.file('odd.yml', `services:\n  web: { image: "${busybox}", volumes: ["${name}:/x"] }\nvolumes: { ${name}: {} }\n`);
  const started = one.start('run', 'sandbox.yaml', '--compose', 'odd.yml');
  await started.saw('made from odd.yml');
  const volume = await docker('volume', 'ls', '-q', '--filter', `name=-${name}`);
  const holder = await docker('create', '--label', box.label, '-v', `${volume}:/x`, busybox);
  const { exitCode, stdout } = await started.ended;
  try {
    expect(volume).toMatch(/^pitwall-subject-\w+-oddt\w+$/);
    expect([exitCode, stdout]).toEqual([
      5,
      expect.stringMatching(new RegExp(`of what was made from odd.yml, volume ${volume} could not be removed: .*in use`)),
    ]);
  } finally {
    await docker('rm', '-f', holder);
    await docker('volume', 'rm', volume);
  }
});

test('killed in the middle, what was made is swept by the next command', async () => {
  using one = home();
  const started = one.start('run', 'sandbox.yaml', '--compose', 'deploy/compose.yml');
  await started.saw('made from deploy/compose.yml');
  started.child.kill('SIGKILL');
  await started.ended;
  const [run] = JSON.parse((await one.call('runs', '--json')).stdout) as readonly { readonly id: string }[];
  const id = run?.id ?? '';
  expect(await left(id)).not.toEqual(['', '', '']);
  await one.call('recover');
  expect(await left(id)).toEqual(['', '', '']);
});
