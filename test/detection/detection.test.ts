/** The built command, a real `serve`, real containers; a test sender stands for Falco, which sees what an eBPF probe would: the marks of what runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../src/domain/engine.ts';
import type { Finding, RunRecord } from '../../src/domain/words.ts';
import { connect } from '../helper/lab.ts';
import { type BusyboxHomes, busyboxHomes } from '../support/busybox.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';
import type { Pitwall, Started } from '../support/pitwall.ts';

let homes: BusyboxHomes;
let box: Fixture;
let home: Pitwall;
let server: Started | null = null;
let watching: AbortController;

beforeAll(async () => {
  homes = await busyboxHomes('detection');
});
afterAll(() => homes[Symbol.asyncDispose]());
beforeEach(async () => {
  box = fixture();
  home = homes.open();
  home.file('pitwall.yaml', 'api: { port: 0 }\n');
  watching = new AbortController();
  await box.run('web', '--', 'sleep', '600');
});
afterEach(async () => {
  watching.abort();
  server?.child.kill('SIGTERM');
  await server?.ended;
  server = null;
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

const drill = (params: string, rest = '') => `name: notice
kind: detection
targets: { labels: { pitwall.test: ${box.id} } }
params: { ${params} }
${rest}`;

/** The API's address and a token, once it serves. */
async function serve() {
  server = home.start('serve');
  let log = '';
  server.child.stdout?.on('data', (chunk: Buffer) => (log += chunk));
  await server.saw('"serving');
  const url = /"address":"([^"]+)"/.exec(log)?.[1] ?? '';
  return { url, token: readFileSync(join(home.home, 'token'), 'utf8').trim() };
}

/** Sees the commands of Pitwall's dummies as they start, as a probe in the kernel would, and sends what `alertOf` makes of each, as Falco does. */
async function watch(
  alertOf: (command: string, mark: string) => object | null,
  path = '/webhooks/falco',
  sendWhen: (engine: Engine, id: string) => Promise<void> = () => Promise.resolve(),
  at: 'create' | 'start' = 'start',
): Promise<void> {
  const { url, token } = await serve();
  const engine = connect();
  const send = (alert: object) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(alert),
    }).then(nothing, nothing);
  void (async () => {
    try {
      for await (const event of engine.events({ types: ['container'], labels: ['pitwall.role=dummy'], signal: watching.signal })) {
        if (event.action !== at) continue;
        const { Args } = await engine.inspect(event.id);
        const command = Args.join(' ');
        // what runs has the mark whole; here it is read where it is put together
        const mark = /PITWALL_MARK='([\w-]+)''([\w-]+)'/.exec(command)?.slice(1).join('') ?? '';
        const alert = alertOf(command, mark);
        if (alert !== null) void sendWhen(engine, event.id).then(() => send(alert), nothing);
      }
    } catch {
      // the test has ended, or the container has
    } finally {
      await engine.close();
    }
  })();
}

const nothing = () => undefined;

/** An alert comes of what was done: until the dummy says that it has, or had done it when we came to listen. */
async function afterAttempt(engine: Engine, id: string): Promise<void> {
  const { output, close } = await engine.attach(id);
  const enough = setTimeout(close, 1_500);
  for await (const { line } of output) if (/ end\b/.test(line)) break;
  clearTimeout(enough);
  close();
}

const falco = (rule: string, mark: string) => ({
  rule,
  priority: 'Warning',
  output: 'x',
  output_fields: { 'proc.env': `PITWALL_MARK=${mark}` },
});
const states = ({ findings }: RunRecord) => Object.fromEntries(findings.map(({ probe, state }: Finding) => [probe, state]));
const value = ({ measurements }: RunRecord, name: string) => measurements.find((one) => one.name === name)?.value;
const nothingLeft = async ({ id }: RunRecord) => expect(await docker('ps', '-aq', '--filter', `label=pitwall.run=${id}`)).toBe('');

test('an attempt whose alert comes is detected, one whose alert has another rule is missed, a harmless act is not noticed', async () => {
  const file = home.file(
    'd.yaml',
    drill('expect: [{ probe: PRV-04, rule: "Namespace" }, { probe: PRV-01, rule: "Looked at itself" }], within: 6s'),
  );
  await watch(
    (command, mark) =>
      command.includes('unshare -U') ? falco('Namespace', mark) : command.includes('CapEff') ? falco('Something else', mark) : null,
    '/webhooks/falco',
    afterAttempt,
  );
  const { exitCode, record } = await home.run(file);
  expect(states(record)).toEqual({ 'DET-PRV-04': 'holds', 'DET-PRV-01': 'broken', 'DET-09': 'holds' });
  expect([exitCode, record.verdict]).toEqual([1, 'failed']);
  expect(record.findings.find(({ probe }) => probe === 'DET-PRV-01')?.evidence).toContain('"Something else" only');
  expect([value(record, 'missed'), value(record, 'false_alarms')]).toEqual([1, 0]);
  // 0 where a busy machine let the alert be seen before the attempt
  expect(value(record, 'time_to_detect')).toBeGreaterThanOrEqual(0);
  await nothingLeft(record);
});

test('an alert for what is harmless is a false alarm; any tool may send', async () => {
  const file = home.file('d.yaml', drill('expect: [{ probe: PRV-04 }], within: 3s'));
  await watch((_, mark) => ({ alertname: 'Everything is suspicious', text: `saw ${mark}` }), '/webhooks/alerts');
  const { exitCode, record } = await home.run(file);
  expect([states(record), exitCode]).toEqual([{ 'DET-PRV-04': 'holds', 'DET-09': 'broken' }, 1]);
});

test('silence is a miss, and proves nothing of the negative control', async () => {
  const file = home.file('d.yaml', drill('expect: [{ probe: PRV-04 }], within: 1s'));
  await watch(() => null);
  const { exitCode, record } = await home.run(file);
  expect(states(record)).toEqual({ 'DET-PRV-04': 'broken', 'DET-09': 'inconclusive' });
  expect([exitCode, value(record, 'missed')]).toEqual([1, 1]);
});

test('attempt, alert, freeze: timed from one end to the other, with evidence', async () => {
  const file = home.file(
    'd.yaml',
    drill('expect: [{ probe: PRV-04, rule: Namespace }], within: 30s, freeze: true, negativeControl: false'),
  );
  await watch((_, mark) => falco('Namespace', mark));
  const { exitCode, record } = await home.run(file);
  expect([exitCode, record.reason]).toEqual([0, expect.stringContaining('detected')]);
  expect(value(record, 'time_to_respond') ?? 0).toBeGreaterThan(value(record, 'time_to_freeze') ?? Infinity);
  expect(record.evidence).toHaveLength(1);
  await nothingLeft(record);
  await home.call('evidence', 'prune', '--keep-bytes', '0B');
});

test('a slow attempt makes no alert late, and a serve that goes makes no miss', async () => {
  // it burns for more than a second after what raises the alert
  await docker('rm', '-f', box.name('web'));
  await box.run('slow', '--cpus', '0.5', '--', 'sleep', '600');
  const file = home.file('d.yaml', drill('expect: [{ probe: RES-04 }], within: 700ms, negativeControl: false'));
  // sent before it begins: however slow the machine is, it comes in time
  await watch((_, mark) => falco('Burns', mark), '/webhooks/falco', undefined, 'create');
  const { exitCode, record } = await home.run(file);
  expect([exitCode, states(record)]).toEqual([0, { 'DET-RES-04': 'holds' }]);
  const run = home.start('run', home.file('e.yaml', drill('expect: [{ probe: PRV-04, rule: Never }], within: 8s, negativeControl: false')));
  await run.saw('planned');
  const [{ id }] = JSON.parse((await home.call('runs', '--json')).stdout) as [RunRecord];
  const attempting = ['ps', '-q', '--filter', `label=pitwall.run=${id}`, '--filter', 'label=pitwall.role=dummy'];
  while ((await docker(...attempting)) === '') await new Promise((resolve) => setTimeout(resolve, 100));
  server?.child.kill('SIGTERM');
  const { exitCode: code } = await run.ended;
  expect([code, states(JSON.parse((await home.call('show', id, '--json')).stdout) as RunRecord)]).toEqual([
    3,
    { 'DET-PRV-04': 'inconclusive' },
  ]);
});

test('a plan has the commands of each attempt, and those of the harmless act', async () => {
  const file = home.file('d.yaml', drill('expect: [{ probe: PRV-04, rule: Namespace }, { probe: FS-02 }]'));
  const { exitCode, stdout } = await home.call('plan', file);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('for "Namespace", and in it, marked, with B=/.probe/busybox:');
  expect(stdout).toContain('PRV-04 (dummy-only): $B unshare -U -r $B true');
  expect(stdout).toContain('$B cp $B "$f"');
  expect(stdout).toContain('DET-09 (read-only): $B cat /proc/self/comm');
});

test('without a serve no alert could come in: that is not silence', async () => {
  const file = home.file('d.yaml', drill('expect: [{ probe: PRV-04 }], within: 1s'));
  const { exitCode, record } = await home.run(file);
  expect([exitCode, record.verdict, record.reason]).toEqual([3, 'inconclusive', expect.stringContaining('no pitwall serve')]);
});

test.each([
  ['expect: []', 'params.expect'],
  ['expect: [{ probe: NET-99 }]', 'params.expect[0].probe'],
  ['expect: [{ probe: PRV-04 }], within: 1h', 'params.within'],
])('%s is a mistake in the file', async (params, place) => {
  const { exitCode, stderr } = await home.call('run', home.file('d.yaml', drill(params)));
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(place)]);
});
