import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pitwall } from '../support/pitwall.ts';

const drill = (change: (text: string) => string) =>
  change(`name: recycle
kind: reverse-uptime
schedule: { cron: "0 3 * * *", timezone: Europe/Amsterdam }
targets: { labels: { tier: web } }
params: { maxUptime: 7d }
`);

const mistakes: readonly (readonly [name: string, change: (text: string) => string, message: RegExp])[] = [
  ['an unknown key', (text) => `${text}paramz: {}\n`, /bad\.yaml:6:1 .*paramz/],
  ['an unknown parameter', (text) => text.replace('maxUptime: 7d', 'maxUptime: 7d, maxuptime: 7d'), /bad\.yaml:5:26 .*maxuptime/],
  ['a wrong type', (text) => text.replace('tier: web', 'tier: { a: 1 }'), /bad\.yaml:4:\d+ /],
  [
    'a duration that is none',
    (text) => text.replace('7d', '7 dayz'),
    /bad\.yaml:5:22 params\.maxUptime: "7 dayz" is not a duration \(try 7d\)/,
  ],
  ['a bad cron', (text) => text.replace('0 3 * * *', '61 3 * * *'), /bad\.yaml:3:19 schedule\.cron: "61 3 \* \* \*"/],
  ['a cron that never fires', (text) => text.replace('0 3 * * *', '0 3 30 2 *'), /bad\.yaml:3:19 .*30 2/],
  ['a bad zone', (text) => text.replace('Amsterdam', 'Atlantis'), /bad\.yaml:3:\d+ schedule\.timezone: "Europe\/Atlantis"/],
  ['an empty selector', (text) => text.replace('{ labels: { tier: web } }', '{}'), /bad\.yaml:4:10 .*selector is empty/],
  ['a kind that is not there', (text) => text.replace('reverse-uptime', 'scaling'), /bad\.yaml:2:7 .*scaling.* is not a kind of drill/],
  ['a duplicate key', (text) => `${text}name: twice\n`, /bad\.yaml:6:1/],
  ['broken YAML', (text) => `${text}targets: [\n`, /bad\.yaml:\d+:\d+/],
];

test.for(mistakes)('%s: exit 2, with the place', async ([, change, message]) => {
  using home = pitwall();
  home.file('bad.yaml', drill(change));
  const answer = await home.call('validate', 'bad.yaml');
  expect(answer.exitCode).toBe(2);
  expect(answer.stderr).toMatch(message);
});

// what reads the file is the same for every command
test.for(['run', 'plan'])('%s says it as validate does', async (command) => {
  using home = pitwall();
  for (const [, change, message] of [mistakes[3], mistakes.at(-1)] as (typeof mistakes)[number][]) {
    home.file('bad.yaml', drill(change));
    const answer = await home.call(command, 'bad.yaml');
    expect([command, answer.exitCode]).toEqual([command, 2]);
    expect(answer.stderr).toMatch(message);
  }
});

test('two drills of one name: both places are named, and neither is used', async () => {
  using home = pitwall();
  home.file(
    'drills/a.yaml',
    drill((text) => text),
  );
  home.file(
    'drills/b.yaml',
    drill((text) => text),
  );
  home.file('pitwall.yaml', '');
  const answer = await home.call('validate');
  expect(answer.exitCode).toBe(2);
  expect(answer.stderr).toMatch(/b\.yaml:1:7 .*a\.yaml:1:7/);
  expect((await home.call('run', 'recycle')).exitCode).toBe(2);
});

test('a name that two files share is seen when both are named', async () => {
  using home = pitwall();
  for (const name of ['a.yaml', 'b.yaml'])
    home.file(
      name,
      drill((text) => text),
    );
  const answer = await home.call('validate', 'a.yaml', 'b.yaml');
  expect(answer.exitCode).toBe(2);
  expect(answer.stderr).toMatch(/b\.yaml:1:7 .*a\.yaml:1:7/);
});

test('usage: unknown commands, missing arguments, unknown drills, and errors as JSON', async () => {
  using home = pitwall();
  expect((await home.call()).exitCode).toBe(2);
  for (const args of [
    ['frobnicate'],
    ['run'],
    ['run', 'no-such-drill'],
    ['show', '01ZZZZZZ'],
    ['runs', '--limit', 'many'],
    ['run', 'x.yaml', '--ignore-window'],
  ]) {
    const answer = await home.call(...args);
    expect([args, answer.exitCode]).toEqual([args, 2]);
    expect(answer.stderr).toMatch(/^error: /);
  }
  const answer = await home.call('run', 'no-such-drill', '--json');
  expect(answer.stdout).toBe('');
  expect(JSON.parse(answer.stderr)).toMatchObject({ error: { code: 'unknown_drill', message: expect.stringContaining('no-such-drill') } });
  expect((await home.call('--help')).exitCode).toBe(0);
  expect((await home.call('--version')).stdout).toMatch(/^\d+\.\d+\.\d+/);
});

test('a configuration with a mistake: exit 2, with the place; a --config that is not there too', async () => {
  using home = pitwall();
  home.file('pitwall.yaml', 'api: { port: 99999 }\nstore: { pth: x }\n');
  const answer = await home.call('runs');
  expect(answer.exitCode).toBe(2);
  expect(answer.stderr).toMatch(/pitwall\.yaml:1:14 api\.port/);
  expect(answer.stderr).toMatch(/pitwall\.yaml:2:10 store\.pth/);
  expect((await home.call('runs', '--config', 'nowhere.yaml')).exitCode).toBe(2);
});

test('a database that is corrupt, newer or not to be written: exit 7, and it is left as it was', async () => {
  using home = pitwall();
  writeFileSync(
    join(home.home, 'pitwall.db'),
    'this is no database, but it is long enough to look like a file with a header of some sort, is it not?',
  );
  expect((await home.call('runs')).exitCode).toBe(7);
  using other = pitwall();
  expect((await other.call('runs')).exitCode).toBe(0);
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(join(other.home, 'pitwall.db'));
  db.pragma('user_version = 9999');
  db.close();
  const newer = await other.call('runs');
  expect(newer.exitCode).toBe(7);
  expect(newer.stderr).toMatch(/newer/);
  expect((await other.call('recover')).exitCode).toBe(7);
});

test('no engine: exit 6, and what was tried', async () => {
  using home = pitwall({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  home.file(
    'drill.yaml',
    drill((text) => text),
  );
  const answer = await home.call('run', 'drill.yaml');
  expect(answer.exitCode).toBe(6);
  expect(answer.stderr).toMatch(/nowhere\/docker\.sock/);
  const doctor = await home.call('doctor');
  expect(doctor.exitCode).toBe(6);
  expect(doctor.stdout).toMatch(/this machine[\s\S]*nowhere\/docker\.sock/);
});
