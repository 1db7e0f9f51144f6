import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker } from '../support/containers.ts';
import { type FreezeLab, freezeLab, idle, stateOf } from './support.ts';

let lab: FreezeLab;

beforeAll(async () => {
  lab = freezeLab();
  // it ends at once, and is started again after ever longer pauses
  const { box } = lab;
  const image = 'pitwall-fixture/busybox:1';
  await docker('run', '-d', '--name', box.name('restarting'), '--label', box.label, '--restart', 'always', image, 'false');
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

test.concurrent('what cannot be meant: exit 2, it is said what, and nothing is touched', async () => {
  const { box, home } = lab;
  await box.runPlain('meant', '--', ...idle);
  const name = box.name('meant');
  const mistakes: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [[], /^error: say which container to freeze\ntry: pitwall freeze web,/],
    [[name, '--compose', 'shop'], /^error: give either containers, --compose or --label\n/],
    [['--compose', 'shop', '--label', 'a=b'], /^error: give either containers, --compose or --label\n/],
    [[box.name('nobody')], new RegExp(`^error: there is no container ${box.name('nobody')} on `)],
    [[name, box.name('nobody')], new RegExp(`^error: there is no container ${box.name('nobody')} on `)],
    [[name, '--engine', 'elsewhere'], /^error: there is no engine elsewhere \(there is /],
    [[name, '--lease', '0'], /^error: --lease 0: expected a second or more \(try 4h\)/],
    [[name, '--lease', 'soon'], /^error: --lease soon .*is not a duration/],
    [
      [name, '--disposition', 'explode'],
      /^error: .*'--disposition <what>' argument 'explode' is invalid\. Allowed choices are keep, resume, quarantine, replace/,
    ],
    [[name, '--on-expiry', 'explode'], /Allowed choices are notify, resume, kill, replace/],
    [[name, '--memory', 'all'], /Allowed choices are proc, full, off/],
    [['--label', 'novalue'], /^error: --label novalue: expected KEY=VALUE/],
    [[name, '--force'], /^error: --force needs --reason "why"/],
  ];
  for (const [args, message] of mistakes) {
    const answer = await home.call('freeze', ...args);
    expect([args, answer.exitCode, answer.stdout]).toEqual([args, 2, '']);
    expect(answer.stderr).toMatch(message);
  }
  expect(await stateOf(name)).toBe('running');
  expect(lab.cases().filter(({ container }) => container.name === name)).toEqual([]);
});

test.concurrent('a project or a label that nothing running carries: exit 3, nothing was frozen', async () => {
  const answer = await lab.home.call('freeze', '--label', `pitwall.test=${lab.box.id}-none`);
  expect(answer.exitCode).toBe(3);
  expect(answer.stderr).toContain(`error: the label pitwall.test=${lab.box.id}-none matches no running container`);
});

test.concurrent('what does not run is not frozen: exit 1, with its state; it stays as it is', async () => {
  const { box, freeze } = lab;
  await box.runPlain('ended', '--', 'true');
  await docker('wait', box.name('ended'));
  const ended = await freeze(box.name('ended'));
  expect([ended.exitCode, ended.record.verdict, ended.record.reason]).toEqual([
    1,
    'failed',
    `${box.name('ended')} was not frozen: it is not running (exited)`,
  ]);
  expect(ended.cases).toEqual([]);
});

test.concurrent.for(['keep', 'resume', 'quarantine', 'replace'])(
  'frozen by somebody else, %s: captured whole, exit 0, and left paused',
  async (disposition) => {
    const { box, freeze } = lab;
    const name = box.name(`foreign-${disposition}`);
    await box.runPlain(`foreign-${disposition}`, '--', ...idle);
    await docker('pause', name);
    const { exitCode, record, cases } = await freeze(name, '--disposition', disposition);
    expect([exitCode, record.verdict, record.targets[0]?.outcome]).toEqual([0, 'passed', 'captured; left paused, as it was found']);
    expect(record.evidence).toEqual(cases.map(({ id }) => id));
    expect(cases[0]).toMatchObject({ state: 'whole', seal: 'intact', hold: { foreign: true, state: 'released' } });
    expect(await stateOf(name)).toBe('paused');
    await docker('rm', '-f', name);
  },
);

test.concurrent('what Pitwall never freezes: its helpers and the registry; exit 4', async () => {
  const { box } = lab;
  await box.runPlain('helper', '--label', 'pitwall.role=helper', '--', ...idle);
  await box.runPlain('registry', '-p', '127.0.0.1::5000', '--', ...idle);
  const port = (await docker('port', box.name('registry'), '5000/tcp')).split(':').at(-1);
  await using other = freezeLab();
  other.home.file('pitwall.yaml', `registry: { url: "http://127.0.0.1:${port}", repository: evidence }\n`);
  for (const [name, why] of [
    ['helper', 'it is a helper of Pitwall'],
    ['registry', 'it is the evidence registry'],
  ] as const) {
    const { exitCode, record, cases } = await other.freeze(box.name(name), '--force', '--reason', 'I insist');
    expect([exitCode, record.verdict, record.reason, cases]).toEqual([4, 'refused', `${box.name(name)} is never frozen: ${why}`, []]);
    expect(await stateOf(box.name(name))).toBe('running');
  }
});

test.concurrent('pitwall.skip is asked for leave: without --force exit 4, with it and a reason frozen', async () => {
  const { box, freeze } = lab;
  await box.runPlain('skip', '--label', 'pitwall.skip=true', '--', ...idle);
  const name = box.name('skip');
  const without = await lab.home.call('freeze', name);
  expect(without.exitCode).toBe(4);
  expect(without.stdout).toContain(`${name} asks to be left alone: pitwall.skip is "true"`);
  expect(without.stdout).toContain('try: --force --reason "why"');
  expect(await stateOf(name)).toBe('running');
  const withIt = await freeze(name, '--force', '--reason', 'case 7', '--disposition', 'resume');
  expect([withIt.exitCode, withIt.cases[0]?.reason]).toEqual([0, 'case 7']);
  expect(await stateOf(name)).toBe('running');
});

test.concurrent('frozen twice: the second is refused, and says by which evidence', async () => {
  const { box, freeze } = lab;
  await box.runPlain('twice', '--', ...idle);
  const name = box.name('twice');
  const [first, second] = await Promise.all([freeze(name), freeze(name)].map((one) => one)).then((both) =>
    both.toSorted((a, b) => (a.exitCode ?? 0) - (b.exitCode ?? 0)),
  );
  expect([first?.exitCode, second?.exitCode]).toEqual([0, 4]);
  expect(second?.record.verdict).toBe('refused');
  expect(second?.record.reason).toMatch(
    new RegExp(`^${name} is (taken by run ${first?.record.id}|taken by evidence ${first?.cases[0]?.id}, which holds it frozen)$`),
  );
  expect(second?.cases).toEqual([]);
  const third = await freeze(name, '--disposition', 'resume');
  expect([third.exitCode, third.record.reason]).toEqual([4, `${name} is taken by evidence ${first?.cases[0]?.id}, which holds it frozen`]);
  expect(await stateOf(name)).toBe('paused');
  await docker('rm', '-f', name);
  const recovered = await lab.home.call('release', first?.cases[0]?.id ?? '', '--to', 'resume');
  // 4 when another command of this home has seen it before, and closed the hold
  expect([1, 4]).toContain(recovered.exitCode);
  expect(recovered.stderr).toContain('gone');
});

test.concurrent('taken by a drill that runs: exit 4, with the run', async () => {
  const { box, home, freeze } = lab;
  await box.run('drilled', '--stop-timeout', '60', '--', 'sh', '-c', 'trap "" TERM; while :; do sleep 1; done');
  home.file('drill.yaml', `name: slow\nkind: reverse-uptime\ntargets: { names: ["${box.name('drilled')}"] }\nparams: { maxUptime: 1s }\n`);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const drill = home.start('run', 'drill.yaml');
  // the container does not heed the stop for its whole grace
  await drill.saw('nothing changed in its layer');
  const { exitCode, record } = await freeze(box.name('drilled'));
  expect([exitCode, record.verdict]).toEqual([4, 'refused']);
  expect(record.reason).toMatch(/ is taken by run 01/);
  drill.child.kill('SIGINT');
  await docker('kill', box.name('drilled'));
  await drill.ended;
});

test('nor what is restarting: exit 1, with its state', async () => {
  const { box, freeze } = lab;
  const tries = async () => Number(await docker('inspect', '--format', '{{.RestartCount}}', box.name('restarting')));
  // the pause after the seventh is of 12.8 s: as long as the command takes, and some
  await expect.poll(tries, { timeout: 60_000, interval: 200 }).toBeGreaterThanOrEqual(7);
  await expect.poll(() => stateOf(box.name('restarting')), { interval: 50 }).toBe('restarting');
  const restarting = await freeze(box.name('restarting'));
  expect(restarting.exitCode).toBe(1);
  expect(restarting.record.reason).toBe(`${box.name('restarting')} was not frozen: it is restarting: nothing of it runs at this moment`);
  await docker('rm', '-f', box.name('restarting'));
});

test('nothing of all that is left half done', () => lab.consistent());
