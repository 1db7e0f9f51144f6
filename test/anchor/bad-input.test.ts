/** What can be wrong, on containers as small as can be: the anchor is a file that a busybox serves, and the data a number. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { docker } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';
import { drillOn, evidence, leftOf, openSmallSite, type SmallSite, states } from './lab.ts';

vi.setConfig({ testTimeout: 120_000 });

let site: SmallSite;
let home: Pitwall;

beforeAll(async () => {
  site = await openSmallSite();
  home = pitwall();
}, 120_000);
afterAll(async () => {
  home[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
});

/** One theft, unless told otherwise. */
async function practise(params: readonly string[], name = 'app') {
  const given = (key: string) => params.some((line) => line.startsWith(`${key}:`));
  home.file(
    'drill.yaml',
    drillOn(`names: [${site.box.name(name)}]`, [
      ...(given('operate') ? [] : [site.operate]),
      ...(given('steal') ? [] : [`steal: { volumes: [${site.box.name('data')}] }`]),
      ...(given('drills') ? [] : ['drills: [theft]']),
      ...params,
    ]),
  );
  return home.run('drill.yaml');
}

test('as it should be it holds: what the others below go wrong from', async () => {
  const { record, exitCode } = await practise([]);
  expect([evidence(record, 'CA-1'), record.verdict, exitCode]).toEqual([expect.stringMatching(/^0 of 3 records/), 'passed', 0]);
  expect(await leftOf(record.id)).toEqual([]);
});

const refused: readonly (readonly [what: string, params: readonly string[], exit: number, message: RegExp])[] = [
  ['a volume that is not there', ['steal: { volumes: [no-such-volume] }'], 2, /steal\.volumes\[0\]: there is no volume no-such-volume/],
  ['a volume that it has not', ['steal: { volumes: [$other] }'], 2, /steal\.volumes\[0\]: volume \S+-other is not mounted in/],
  ['an anchor that nobody is', ['anchor: { service: vault }'], 2, /params\.anchor: there is no service vault in the Compose project/],
  ['an anchor that must be left alone', ['anchor: { container: $skipped }'], 4, /skipped must be left alone/],
  [
    'a right that may not be cut',
    ['drills: [cut]', 'cut: { command: ["true"], undo: ["true"], in: { service: closed } }'],
    4,
    /cut changes \S+-closed, which is not opted in/,
  ],
];

test.each(refused)('%s: nothing is done', async (_what, params, exit, message) => {
  const { record, exitCode } = await practise(params.map((line) => line.replaceAll('$', `${site.box.id}-`)));
  expect([record.reason, exitCode]).toEqual([expect.stringMatching(message), exit]);
  expect(record.findings).toEqual([]);
});

const unknown: readonly (readonly [what: string, params: readonly string[], evidence: RegExp])[] = [
  ['a command that hangs', ['operate: { command: [sleep, "60"], records: stdout, timeout: 300ms }'], /did not end within 300 ms/],
  ['an anchor that is down', ['anchor: { service: down }'], /service down does not run/],
  ['an anchor that exposes no port', ['anchor: { service: mute }'], /the anchor exposes no TCP port/],
  ['an anchor that does not answer', ['anchor: { service: mute, port: 81 }'], /the anchor did not answer even where it should/],
  ['a volume that is too large', ['steal: { volumes: [$data], maxSize: 1kB }'], /volume \S+-data holds more than 1000 B/],
  [
    'a program that runs at home alone, with an anchor that is only an address',
    ['anchor: { address: "anchor:8200" }', 'operate: { command: [sh, -c, "cat /tmp/only-here && echo"], records: stdout }'],
    /the control failed: .*so that nothing was read without it proves nothing/,
  ],
];

test.each(process.env.PITWALL_TEST_FULL !== undefined ? unknown : unknown.slice(0, 3))(
  '%s: not known, and so not green',
  async (_what, params, seen) => {
    const { record, exitCode } = await practise(params.map((line) => line.replaceAll('$', `${site.box.id}-`)));
    expect([record.verdict, exitCode]).toEqual(['inconclusive', 3]);
    expect(evidence(record, 'CA-1')).toMatch(seen);
    expect(record.measurements).toEqual([]);
    expect(await leftOf(record.id)).toEqual([]);
  },
);

test('a target in which the program is missing, prints no number, or reads nothing: each is told of, and none is green', async () => {
  const { box } = site;
  const said = {
    'reads-missing': ['exec no-such-program', /itself read nothing \(exit code 127 \(no such program there\)/],
    'reads-text': ['echo three', /itself read nothing \(exit code 0, no number on its first line\)/],
    'reads-zero': ['echo 0', /itself read nothing \(exit code 0, it printed 0\)/],
  } as const;
  const own = ['--network', box.name('net'), '-v', `${box.name('data')}:/data`, '--label', `com.docker.compose.project=${box.id}`];
  await Promise.all(Object.entries(said).map(([name, [script]]) => box.run(name, ...own, '--env', `DO=${script}`)));
  const { record, exitCode } = await practise(['operate: { command: [sh, -c, "eval $DO"], records: stdout }'], 'reads-*');
  expect([record.verdict, exitCode, record.findings.length]).toEqual(['inconclusive', 3, 3]);
  for (const [name, [, seen]] of Object.entries(said)) expect(evidence(record, 'CA-1', box.name(name))).toMatch(seen);
  expect(record.measurements).toEqual([]);
});

test('what was read without the anchor is a broken finding, though the program could not care less for one', async () => {
  const { record, exitCode } = await practise(['operate: { command: [cat, /data/count], records: stdout }']);
  expect([record.verdict, exitCode, states(record)]).toEqual(['failed', 1, { 'CA-1': 'broken' }]);
  expect(record.measurements).toMatchObject([{ name: 'records_readable_by_thief', value: 3, met: false }]);
});

test('a ledger, a right, an export and a limit that are none are caught', async () => {
  const { record, exitCode } = await practise([
    'drills: [ledger, cut, no-export, throttle, alert]',
    'throttle: { operations: 6, window: 1s, atMost: 3, command: [echo, "6"] }',
    'ledger: { command: [echo, "7"] }',
    'export: { commands: [[echo, here it is]] }',
    'cut: { command: ["true"], undo: ["true"], within: 300ms }',
    'alert: { within: 300ms, command: [echo, "0"] }',
  ]);
  expect([record.verdict, exitCode]).toEqual(['failed', 1]);
  expect(states(record)).toEqual({ 'CA-2': 'broken', 'CA-3': 'broken', 'CA-4': 'broken', 'CA-5': 'broken', 'CA-6': 'broken' });
  expect(evidence(record, 'CA-3')).toBe('3 operations, and the ledger went from 7 to 7; a gap of 3');
  expect(evidence(record, 'CA-6')).toMatch(/^it could still read 300 ms after its right was cut/);
});

test.runIf(process.env.PITWALL_TEST_FULL !== undefined)(
  'an alert may come to serve instead, with the mark of the burst; one as usual must raise none',
  async () => {
    home.file('pitwall.yaml', 'api: { port: 0 }\n');
    const server = home.start('serve');
    let log = '';
    server.child.stdout?.on('data', (chunk: Buffer) => (log += chunk));
    const watching = new AbortController();
    try {
      await server.saw('"serving');
      const url = /"address":"([^"]+)"/.exec(log)?.[1] ?? '';
      const token = readFileSync(join(home.home, 'token'), 'utf8').trim();
      // stands for a tool that sees what runs, and how often
      const tool = (async () => {
        while (!watching.signal.aborted) {
          const marks = (await docker('exec', site.box.name('app'), 'sh', '-c', 'cat /tmp/marks 2>/dev/null; true')).split('\n');
          const often = marks.find((mark) => mark !== '' && marks.filter((one) => one === mark).length >= 4);
          if (often !== undefined) {
            const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
            await fetch(`${url}/webhooks/alerts`, { method: 'POST', headers, body: JSON.stringify({ rule: 'often', text: often }) });
            return;
          }
          await sleep(100);
        }
      })();
      const { record } = await practise([
        'operate: { command: [echo, "3"], records: stdout, once: { command: [sh, -c, "echo $PITWALL_MARK >> /tmp/marks"] } }',
        'drills: [alert]',
        'throttle: { operations: 8, window: 20s, atMost: 3 }',
        'alert: { within: 10s }',
      ]);
      watching.abort();
      await tool;
      expect(states(record)).toEqual({ 'CA-4': 'holds' });
      expect(evidence(record, 'CA-4')).toMatch(/^8 operations at once; an alert [\d.]+ m?s later$/);
    } finally {
      watching.abort();
      server.child.kill('SIGTERM');
      await server.ended;
    }
    const { record, exitCode } = await practise([
      'drills: [alert]',
      'throttle: { operations: 8, window: 20s, atMost: 3 }',
      'alert: { within: 1s }',
    ]);
    expect([record.verdict, exitCode, evidence(record, 'CA-4')]).toEqual(['inconclusive', 3, expect.stringContaining('no pitwall serve')]);
  },
);
