import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker, type Fixture, fixture, recycleDrill } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

let box: Fixture;
let home: Pitwall;

beforeAll(async () => {
  box = fixture();
  home = pitwall();
  await box.run('a');
  await box.run('b');
  await box.runPlain('not-opted-in');
  await box.run('skipped', '--label', 'pitwall.skip=true');
});
afterAll(async () => {
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

const ids = () => docker('ps', '-q', '--no-trunc', '--filter', `label=${box.label}`);
const refusal = async (file: string, text: string, ...args: string[]) => {
  home.file(file, text);
  const before = await ids();
  const { exitCode, record } = await home.run(file, ...args);
  expect(await ids()).toBe(before);
  expect(record.faults).toEqual([]);
  return [exitCode, record.verdict, record.reason] as const;
};

test('a selector that matches nothing is inconclusive, never a success', async () => {
  const [exitCode, verdict, reason] = await refusal('none.yaml', recycleDrill({ ...box, id: 'nobody' }));
  expect([exitCode, verdict]).toEqual([3, 'inconclusive']);
  expect(reason).toMatch(/matches no running container/);
});

test('none opted in: refused, with each reason', async () => {
  const text = recycleDrill(box, {}).replace('labels: {', `names: ["*-not-opted-in", "*-skipped"], labels: {`);
  const [exitCode, verdict, reason] = await refusal('out.yaml', text);
  expect([exitCode, verdict]).toEqual([4, 'refused']);
  expect(reason).toMatch(/not-opted-in .*no label pitwall\.drills/);
  expect(reason).toMatch(/skipped .*pitwall\.skip/);
});

test('more than maxTargets is refused, never cut', async () => {
  const [exitCode, , reason] = await refusal('many.yaml', recycleDrill(box, { rest: 'safety: { maxTargets: 1 }' }));
  expect(exitCode).toBe(4);
  expect(reason).toMatch(/would touch 2 containers; safety\.maxTargets allows 1/);
});

test('an environment that the drill does not name is refused', async () => {
  const [exitCode, , reason] = await refusal('env.yaml', recycleDrill(box, { rest: 'environments: [staging]' }));
  expect(exitCode).toBe(4);
  expect(reason).toMatch(/is local; recycle may run on staging/);
});

test('minHealthy that cannot be kept is refused', async () => {
  const [exitCode, , reason] = await refusal('healthy.yaml', recycleDrill(box, { rest: 'safety: { minHealthy: 100% }' }));
  expect(exitCode).toBe(4);
  expect(reason).toMatch(/safety\.minHealthy asks for 1/);
});

test('outside its window a drill is refused; with a reason it may run, and the reason is kept', async () => {
  const hour = new Date().getUTCHours();
  const clock = (h: number) => `"${String(h % 24).padStart(2, '0')}:00"`;
  const rest = `safety: { window: { days: mon-sun, from: ${clock(hour + 2)}, to: ${clock(hour + 3)}, timezone: UTC } }`;
  const [exitCode, , reason] = await refusal('window.yaml', recycleDrill(box, { rest }));
  expect(exitCode).toBe(4);
  expect(reason).toMatch(/may run .* only/);
  const ignoring = await home.run('window.yaml', '--ignore-window', '--reason', 'a test');
  expect(ignoring.record.verdict).toBe('passed');
  const shown = await home.call('show', ignoring.record.id, '--events');
  expect(shown.stdout).toMatch(/the window was ignored: a test/);
});

test('a steady state that does not hold before is refused', async () => {
  const rest = 'steadyState:\n  - { name: nobody home, tcp: "127.0.0.1:1", every: 200ms }';
  const [exitCode, , reason] = await refusal('steady.yaml', recycleDrill(box, { rest }));
  expect(exitCode).toBe(4);
  expect(reason).toMatch(/steady state does not hold.*nobody home/);
});

test('while halted nothing begins, in any process, until unhalt', async () => {
  expect((await home.call('halt', '--reason', 'a test')).exitCode).toBe(0);
  const [exitCode, verdict, reason] = await refusal('halted.yaml', recycleDrill(box));
  expect([exitCode, verdict]).toEqual([4, 'refused']);
  expect(reason).toMatch(/halted since .*: a test/);
  expect((await home.call('unhalt')).exitCode).toBe(0);
  const [last] = JSON.parse((await home.call('runs', '--limit', '1', '--json')).stdout) as { id: string }[];
  const replayed = await home.run('halted.yaml', '--replay', last?.id ?? '');
  // it had no targets: passing would prove nothing
  expect([replayed.exitCode, replayed.record.verdict]).toEqual([4, 'refused']);
});

test('plan shows what a window keeps back now, and says so', async () => {
  const hour = new Date().getUTCHours();
  const clock = (h: number) => `"${String(h % 24).padStart(2, '0')}:00"`;
  home.file(
    'later.yaml',
    recycleDrill(box, { rest: `safety: { window: { days: mon-sun, from: ${clock(hour + 2)}, to: ${clock(hour + 3)}, timezone: UTC } }` }),
  );
  const answer = await home.call('plan', 'later.yaml');
  expect(answer.exitCode).toBe(4);
  expect(answer.stdout).toMatch(/would be refused now: .* may run/);
  expect(answer.stdout).toContain(box.name('a'));
});

test('on several engines it runs where its environment allows, and nowhere else', async () => {
  using other = pitwall();
  other.file(
    'pitwall.yaml',
    `engines:
  - { name: here, host: "${process.env.DOCKER_HOST}", environment: staging }
  - { name: there, host: "${process.env.DOCKER_HOST}", environment: production }
`,
  );
  other.file('drill.yaml', recycleDrill(box).replace('maxUptime: 1s', 'maxUptime: 30d'));
  const { exitCode, record } = await other.run('drill.yaml');
  expect([exitCode, record.engine.name]).toEqual([0, 'here']);
});

test('an engine with another id than the pinned one is refused', async () => {
  using other = pitwall();
  other.file('pitwall.yaml', `engines: [ { name: pinned, host: "${process.env.DOCKER_HOST}", environment: ci, id: "SOMEBODY:ELSE" } ]\n`);
  other.file('drill.yaml', recycleDrill(box));
  const { exitCode, record } = await other.run('drill.yaml');
  expect([exitCode, record.verdict]).toEqual([4, 'refused']);
});

test('on production only the kinds that its owner named may run, and no optIn rule holds there', async () => {
  using other = pitwall();
  const engine = `engines: [ { name: prod, host: "${process.env.DOCKER_HOST}", environment: production } ]\n`;
  other.file('drill.yaml', recycleDrill(box, { rest: 'environments: [production]' }));
  other.file('pitwall.yaml', engine);
  expect((await other.run('drill.yaml')).record.reason).toMatch(/policy\.production does not name reverse-uptime/);
  other.file('pitwall.yaml', `${engine}policy: { production: [reverse-uptime] }\noptIn: [ { names: ["*-not-opted-in"], kinds: all } ]\n`);
  other.file(
    'out.yaml',
    recycleDrill(box, { rest: 'environments: [production]' }).replace('labels: {', 'names: ["*-not-opted-in"], labels: {'),
  );
  expect((await other.run('out.yaml')).record).toMatchObject({
    verdict: 'refused',
    reason: expect.stringContaining('none may be drilled'),
  });
});

test('an optIn rule of the owner opts in a container without a label', async () => {
  using other = pitwall();
  other.file('pitwall.yaml', 'optIn: [ { names: ["*-not-opted-in"], kinds: [reverse-uptime] } ]\n');
  other.file('drill.yaml', recycleDrill(box).replace('labels: {', 'names: ["*-not-opted-in"], labels: {'));
  const { exitCode, record } = await other.run('drill.yaml');
  expect([exitCode, record.verdict, record.targets.map((target) => target.outcome)]).toEqual([0, 'passed', ['recycled']]);
});

test('plan says the same, and changes nothing', async () => {
  home.file('plan.yaml', recycleDrill(box));
  const before = await ids();
  const { exitCode, stdout } = await home.call('plan', 'plan.yaml', '--json');
  expect(exitCode).toBe(0);
  const plan = JSON.parse(stdout) as { steps: { targets: { name: string }[]; willBeDown: boolean }[]; leftOut: { name: string }[] };
  expect(plan.steps.map((step) => step.targets[0]?.name).toSorted()).toEqual([box.name('a'), box.name('b')]);
  expect(plan.steps.every((step) => step.willBeDown)).toBe(true);
  expect(plan.leftOut.map((one) => one.name).sort()).toEqual([box.name('not-opted-in'), box.name('skipped')]);
  expect(await ids()).toBe(before);
});

test('the same seed picks the same, a replay picks the same names, and is refused when one is gone', async () => {
  home.file('pick.yaml', recycleDrill(box).replace('labels: {', 'pick: { count: 1 }, labels: {'));
  const picked = async (...args: string[]) => (await home.run('pick.yaml', ...args)).record;
  const first = await picked('--seed', 'one');
  expect((await picked('--seed', 'one')).targets[0]?.name).toBe(first.targets[0]?.name);
  const other = ['two', 'three', 'four', 'five', 'six'];
  const planned = async (seed: string) =>
    (JSON.parse((await home.call('plan', 'pick.yaml', '--seed', seed, '--json')).stdout) as { steps: { targets: { name: string }[] }[] })
      .steps[0]?.targets[0]?.name;
  expect(new Set(await Promise.all(other.map(planned))).size).toBe(2);
  expect((await picked('--replay', first.id)).targets[0]?.name).toBe(first.targets[0]?.name);
  await docker('rename', first.targets[0]?.name ?? '', box.name('renamed'));
  const missing = await home.run('pick.yaml', '--replay', first.id);
  expect([missing.exitCode, missing.record.verdict]).toEqual([4, 'refused']);
  await docker('rename', box.name('renamed'), first.targets[0]?.name ?? '');
});
