import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import { docker, type Fixture, fixture, recycleDrill } from '../support/containers.ts';
import { type Answer, type Pitwall, pitwall } from '../support/pitwall.ts';

let box: Fixture;
let home: Pitwall;

beforeAll(async () => {
  box = fixture();
  home = pitwall();
  // takes 2 s to end, so that there is time to stop the run in the middle of it
  for (const name of ['a', 'b', 'c'])
    await box.run(name, '--', 'sh', '-c', 'trap "sleep 2; exit 0" TERM; while :; do sleep 1 & wait $!; done');
  home.file('drill.yaml', recycleDrill(box));
});
afterAll(async () => {
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

const three = () => ['a', 'b', 'c'].map((name) => box.name(name));
const recordOf = (answer: Answer) => JSON.parse(answer.stdout) as RunRecord;
async function lastRun(): Promise<RunRecord> {
  const [last] = JSON.parse((await home.call('runs', '--limit', '1', '--json')).stdout) as RunRecord[];
  return JSON.parse((await home.call('show', last?.id ?? '', '--json')).stdout) as RunRecord;
}

test.for(process.env.PITWALL_TEST_FULL !== undefined ? (['SIGINT', 'SIGTERM', 'SIGHUP'] as const) : (['SIGINT', 'SIGHUP'] as const))(
  '%s: aborted with 4, what was half done is put back, and a second signal does not skip that',
  async (signal) => {
    const running = home.start('run', 'drill.yaml');
    await running.saw('planned');
    await new Promise((resolve) => setTimeout(resolve, 700));
    running.child.kill(signal);
    await running.saw('putting back');
    running.child.kill(signal);
    await running.saw('not skipped');
    const answer = await running.ended;
    expect([answer.exitCode, answer.signal]).toEqual([4, null]);
    const record = await lastRun();
    expect([record.verdict, record.residue]).toEqual(['aborted', []]);
    expect(await box.running()).toEqual(three());
    expect(await box.all()).toEqual(three());
  },
);

test('halt in another process ends the run with its undo, within moments', async () => {
  const running = home.start('run', 'drill.yaml', '--json');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect((await home.call('halt', '--reason', 'enough')).exitCode).toBe(0);
  const answer = await running.ended;
  expect(answer.exitCode).toBe(4);
  expect(recordOf(answer)).toMatchObject({ verdict: 'aborted', reason: expect.stringContaining('enough') });
  expect((await home.call('unhalt')).exitCode).toBe(0);
  expect(await box.running()).toEqual(three());
});

test('two runs on one target: the second is refused, and the first goes on', async () => {
  const first = home.start('run', 'drill.yaml', '--json');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const second = await home.run('drill.yaml');
  expect([second.exitCode, second.record.verdict]).toEqual([4, 'refused']);
  expect(second.record.reason).toMatch(/is taken by run/);
  expect(recordOf(await first.ended).verdict).toBe('passed');
});

test('the time limit after the first action: failed, and put back', async () => {
  home.file('short.yaml', recycleDrill(box, { rest: 'safety: { timeout: 4s }' }));
  const { exitCode, record } = await home.run('short.yaml');
  expect([exitCode, record.verdict]).toEqual([1, 'failed']);
  expect(record.reason).toMatch(/time limit/);
  expect(await box.running()).toEqual(three());
  expect(await box.all()).toEqual(three());
});

test('availability below abortIf: aborted, and put back', async () => {
  await docker(
    'run',
    '-d',
    '--name',
    box.name('server'),
    '--label',
    box.label,
    '--label',
    'pitwall.drills=all',
    '--label',
    'com.docker.compose.project=t',
    '--label',
    'com.docker.compose.service=server',
    'pitwall-fixture/busybox:1',
    'sh',
    '-c',
    'trap "sleep 4; exit 0" TERM; while :; do sleep 1 & wait $!; done',
  );
  home.file(
    'abort.yaml',
    `name: abort
kind: reverse-uptime
targets: { names: ["${box.name('server')}"] }
steadyState: [ { name: answers, exec: ["true"], in: { service: server }, every: 100ms } ]
safety: { abortIf: { availability: 90%, for: 1s } }
params: { maxUptime: 1s }
`,
  );
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const { exitCode, record } = await home.run('abort.yaml');
  expect([exitCode, record.verdict]).toEqual([4, 'aborted']);
  expect(record.reason).toMatch(/availability was .* allows no less than 90%/);
  expect(await box.running()).toContain(box.name('server'));
});

test('whoever reads goes away in the middle: the run goes on to its verdict', async () => {
  const running = home.start('run', 'drill.yaml');
  await running.saw('planned');
  running.child.stdout?.destroy();
  running.child.stderr?.destroy();
  await new Promise((resolve) => running.child.once('exit', resolve));
  const record = await lastRun();
  expect([record.verdict, record.residue]).toEqual(['passed', []]);
});

test('two processes that recover at once: one does it, neither fails', async () => {
  const running = home.start('run', 'drill.yaml');
  await running.saw('planned');
  await new Promise((resolve) => setTimeout(resolve, 700));
  running.child.kill('SIGKILL');
  await running.ended;
  const answers = await Promise.all([home.call('recover'), home.call('recover')]);
  expect(answers.map((answer) => [answer.exitCode, answer.stderr])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  expect(answers.filter((answer) => answer.stdout.includes('was ended')).length).toBe(1);
  expect((await box.running()).filter((name) => name !== box.name('server'))).toEqual(three());
  expect((await box.all()).filter((name) => name !== box.name('server'))).toEqual(three());
});
