import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Drill } from '../domain/drill.ts';
import { drillFileParser, parseDrillFile } from './drill-file.ts';
import { kinds } from './fixtures/fake-kind.ts';

const example = readFileSync(new URL('fixtures/reverse-uptime.yaml', import.meta.url), 'utf8');
const least = 'name: a\nkind: reverse-uptime\ntargets: { names: ["a-*"] }\nparams: { maxUptime: 7d }\n';

function messages(text: string): string[] {
  return parseDrillFile(text, 'd.yaml', kinds).problems.map((problem) => problem.message);
}

/** The drill of a file that has no problem. */
function drillOf(text: string): Drill {
  const { drills, problems } = parseDrillFile(text, 'd.yaml', kinds);
  expect(problems).toEqual([]);
  expect(drills).toHaveLength(1);
  return drills[0] as Drill;
}

/** The only message for the least drill with more lines. */
function complaint(more: string): string {
  const found = messages(least + more);
  expect(found).toHaveLength(1);
  return found[0] as string;
}

describe('a drill file', () => {
  test('as a user would write it gives the drill', () => {
    const drill = drillOf(example);
    expect(drill).toMatchObject({
      name: 'recycle-shop',
      kind: 'reverse-uptime',
      schedule: { cron: '0 3 * * 1-5', timezone: 'Europe/Amsterdam', jitterMs: 600_000, missed: 'run-once' },
      environments: ['staging', 'ci', 'local'],
      targets: { labels: {}, compose: { project: 'shop', services: ['web', 'api'] }, names: null, pick: { all: true } },
      safety: { maxTargets: 6, minHealthy: 0.5, timeoutMs: 600_000, abortIf: { availability: 0.9, forMs: 5_000 }, window: null },
      params: { maxUptime: 604_800_000, mode: 'recreate', parallel: 1, spread: 0.2, grace: 10_000 },
      objectives: { time_to_healthy: { max: 30_000 }, downtime: { max: 2_000 } },
    });
    expect(drill.steadyState).toEqual([
      {
        type: 'http',
        name: 'shop answers',
        url: 'http://127.0.0.1:8080/healthz',
        status: 200,
        from: null,
        everyMs: 250,
        timeoutMs: 2_000,
        minAvailability: 0.995,
      },
      { type: 'health', name: 'web is healthy', service: 'web', everyMs: 1_000, timeoutMs: 2_000, minAvailability: null },
    ]);
  });

  test('has the defaults of the design', () => {
    const drill = drillOf(least);
    expect(drill).toMatchObject({ description: null, schedule: null, environments: ['staging', 'ci', 'local'], steadyState: [] });
    expect(drill.safety).toEqual({ maxTargets: 10, minHealthy: null, timeoutMs: 1_800_000, abortIf: null, window: null });
    expect(drill.objectives).toEqual({ time_to_healthy: { max: 60_000 } });
    expect(drillOf(`${least}schedule: { cron: "0 3 * * *" }`).schedule).toEqual({
      cron: '0 3 * * *',
      timezone: 'UTC',
      jitterMs: 0,
      missed: 'run-once',
    });
  });

  test('objectives take the place of all defaults; {} states that there are none', () => {
    expect(drillOf(`${least}objectives: {}`).objectives).toEqual({});
    expect(drillOf(`${least}objectives: { downtime: 2s, coverage: { min: 90% }, recycled: { min: 1 } }`).objectives).toEqual({
      downtime: { max: 2_000 },
      coverage: { min: 0.9 },
      recycled: { min: 1 },
    });
    expect(drillOf(`${least}objectives: { coverage: 0.5, max_age: { max: 0 } }`).objectives).toEqual({
      coverage: { max: 0.5 },
      max_age: { max: 0 },
    });
  });

  test('reads every form of selector, pick, minHealthy and window', () => {
    const text = (more: string) => `name: a\nkind: reverse-uptime\nparams: { maxUptime: 7d }\n${more}`;
    expect(drillOf(text('targets: { labels: { tier: web, zone: [a, b] }, pick: { percent: 50 } }')).targets).toMatchObject({
      labels: { tier: ['web'], zone: ['a', 'b'] },
      pick: { share: 0.5 },
    });
    expect(
      drillOf(text('targets: { images: ["redis:*"], networks: [back], engines: [one], pick: { percent: 12.5% } }')).targets,
    ).toMatchObject({
      images: ['redis:*'],
      networks: ['back'],
      engines: ['one'],
      pick: { share: 0.125 },
    });
    expect(drillOf(text('targets: { names: [a], pick: { count: 2 } }')).targets.pick).toEqual({ count: 2 });
    expect(drillOf(`${least}safety: { minHealthy: 1 }`).safety.minHealthy).toEqual({ count: 1 });
    const window = (value: string) =>
      drillOf(`${least}schedule: { cron: "0 3 * * *", timezone: Asia/Tokyo }\nsafety: { window: ${value} }`).safety.window;
    expect(window('{ days: mon-fri, from: "09:00", to: "17:00", timezone: Europe/Amsterdam }')).toEqual({
      days: [1, 2, 3, 4, 5],
      from: 540,
      to: 1_020,
      timezone: 'Europe/Amsterdam',
    });
    expect(window('{ days: "fri-mon", from: "22:00", to: "02:00" }')).toEqual({
      days: [1, 5, 6, 7],
      from: 1_320,
      to: 120,
      timezone: 'Asia/Tokyo',
    });
    expect(window('{ days: [sat, Sun], from: 00:00, to: 24:00 }')).toMatchObject({ days: [6, 7], from: 0, to: 1_440 });
    expect(window('{ days: "sat,sun", from: "10:00", to: "11:00" }')).toMatchObject({ days: [6, 7] });
    expect(window('{ from: "10:00", to: "11:00" }')).toMatchObject({ days: [1, 2, 3, 4, 5, 6, 7] });
  });

  test('reads every form of check', () => {
    const checks = `steadyState:
  - { name: database accepts, tcp: "db:5432", from: { service: api } }
  - { name: queue is short, exec: [redis-cli, llen, jobs], in: { service: redis }, every: 2s, expect: { max: 100 } }
  - { name: pong, exec: [redis-cli, ping], in: { service: redis } }
`;
    expect(drillOf(least + checks).steadyState).toMatchObject([
      { type: 'tcp', address: 'db:5432', from: { service: 'api' } },
      {
        type: 'exec',
        argv: ['redis-cli', 'llen', 'jobs'],
        in: { service: 'redis' },
        everyMs: 2_000,
        expect: { exitCode: 0, max: 100, min: null },
      },
      { type: 'exec', expect: { exitCode: 0, min: null, max: null, equals: null, contains: null } },
    ]);
  });

  test('keeps the text of each document, by which it reads the same again', () => {
    const { drills } = parseDrillFile(
      `# first\n${example}---\n# second\n${least}...\n--- {name: c, kind: reverse-uptime, targets: {names: [c]}, params: {maxUptime: 1d}}\n`,
      'd.yaml',
      kinds,
    );
    expect(drills.map((drill) => [drill.name, drill.source.line])).toEqual([
      ['recycle-shop', 2],
      ['a', 15],
      ['c', 20],
    ]);
    for (const drill of drills) {
      const { text, definition } = drill.source;
      expect(definition).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
      expect(drillOf(text)).toEqual({ ...drill, source: { ...drill.source, file: 'd.yaml', line: 1 } });
    }
  });

  test('gives the good documents and the problems of the others', () => {
    const { drills, problems } = parseDrillFile(
      `${least}---\nname: b\nkind: reverse-uptime\n---\n${least.replace('a\n', 'c\n')}`,
      'd.yaml',
      kinds,
    );
    expect(drills.map((drill) => drill.name)).toEqual(['a', 'c']);
    expect(new Set(problems.map((problem) => problem.drill))).toEqual(new Set(['b']));
  });

  test('two drills of one name are both left out', () => {
    const { drills, problems } = parseDrillFile(`${least}---\n${least}`, 'd.yaml', kinds);
    expect(drills).toEqual([]);
    expect(problems).toMatchObject([{ code: 'duplicate_name', line: 6, column: 7, path: 'name' }]);
    expect(problems[0]?.message).toBe('d.yaml:6:7 name: "a" is also the name of the drill at d.yaml:1:7: give one of them another name');
  });
});

describe('a mistake is named with place, value and what was expected', () => {
  test('in the form of the house', () => {
    const text = 'name: recycle\nkind: reverse-uptime\ntargets:\n  names: [a]\n\nparams:\n  maxUptime: 7 dayz\n';
    const { problems } = parseDrillFile(text, 'drills/recycle.yaml', kinds);
    expect(problems).toEqual([
      {
        code: 'bad_value',
        file: 'drills/recycle.yaml',
        line: 7,
        column: 14,
        path: 'params.maxUptime',
        value: '"7 dayz"',
        expected: 'is not a duration (try 7d)',
        message: 'drills/recycle.yaml:7:14 params.maxUptime: "7 dayz" is not a duration (try 7d)',
        drill: 'recycle',
      },
    ]);
  });

  test.each([
    ['safty: { maxTargets: 5 }', 'd.yaml:5:1 safty: "safty" is not a known key (did you mean "safety"?)'],
    ['safety: { maxTargets: 0 }', 'd.yaml:5:23 safety.maxTargets: 0 is less than 1'],
    ['safety: { maxTargets: "5" }', 'd.yaml:5:23 safety.maxTargets: "5" is not a whole number'],
    ['safety: { maxTargets: 1.5 }', 'd.yaml:5:23 safety.maxTargets: 1.5 is not a whole number'],
    ['safety: { minHealthy: 150% }', 'd.yaml:5:23 safety.minHealthy: "150%" is more than 100%'],
    ['safety: { minHealthy: -1 }', 'd.yaml:5:23 safety.minHealthy: -1 is less than 0'],
    ['safety: { timeout: 10 }', 'd.yaml:5:20 safety.timeout: 10 is not a duration: a number needs its unit (try 10s)'],
    ['safety: { timeout: 0 }', 'd.yaml:5:20 safety.timeout: 0 is less than 1000 ms'],
    ['safety:', 'd.yaml:5:8 safety: nothing is not a map'],
    [
      'safety: { abortIf: { availability: 90%, for: 5s } }',
      'd.yaml:5:20 safety.abortIf: needs a check in steadyState that makes requests (http, tcp or exec): nothing would measure availability',
    ],
    ['safety: { window: { from: "9:00", to: "17:00" } }', 'd.yaml:5:27 safety.window.from: "9:00" is not a time of day (try "09:00")'],
    ['safety: { window: { from: "09:00" } }', 'd.yaml:5:19 safety.window.to: is missing: expected a time of day (try 09:00)'],
    [
      'safety: { window: { from: "09:00", to: "09:00" } }',
      'd.yaml:5:40 safety.window.to: "09:00" is when it begins: the window would have no length (for whole days: from "00:00" to "24:00")',
    ],
    [
      'safety: { window: { days: mon-fry, from: "09:00", to: "17:00" } }',
      'd.yaml:5:27 safety.window.days: "mon-fry" is not a list of days (try mon-fri, or sat,sun)',
    ],
    ['environments: []', 'd.yaml:5:15 environments: a list is empty'],
    [
      'schedule: { cron: "0 0 30 2 *" }',
      'd.yaml:5:19 schedule.cron: "0 0 30 2 *" is a cron expression that never comes round (try "0 3 * * 1-5")',
    ],
    [
      'schedule: { cron: "61 * * * *" }',
      'd.yaml:5:19 schedule.cron: "61 * * * *" is not a cron expression: invalid value for minute (try "0 3 * * 1-5")',
    ],
    [
      'schedule: { cron: "@daily" }',
      'd.yaml:5:19 schedule.cron: "@daily" is not a cron expression: it has one of the 5 fields minute, hour, day, month, weekday; or 6 with the second first (try "0 3 * * 1-5")',
    ],
    ['schedule: { cron: 5 }', 'd.yaml:5:19 schedule.cron: 5 is not a cron expression (try "0 3 * * 1-5")'],
    ['schedule: { jitter: 1m }', 'd.yaml:5:11 schedule.cron: is missing: expected a cron expression (try 0 3 * * 1-5)'],
    [
      'schedule: { cron: "0 3 * * *", timezone: Europe/Amsterdm }',
      'd.yaml:5:42 schedule.timezone: "Europe/Amsterdm" is not a time zone of the IANA database (did you mean "Europe/Amsterdam"?)',
    ],
    [
      'schedule: { cron: "0 3 * * *", timezone: "+01:00" }',
      'd.yaml:5:42 schedule.timezone: "+01:00" is not a time zone of the IANA database (try Europe/Amsterdam)',
    ],
    [
      'schedule: { cron: "0 3 * * *", missed: run_once }',
      'd.yaml:5:40 schedule.missed: "run_once" is not one of run-once, skip (did you mean "run-once"?)',
    ],
    ['steadyState: { name: x }', 'd.yaml:5:14 steadyState: a map is not a list'],
    ['steadyState: [{ name: x }]', 'd.yaml:5:15 steadyState[0]: must have exactly one of http, tcp, exec, health'],
    [
      'steadyState: [{ name: x, tcp: "a:1", health: { service: a } }]',
      'd.yaml:5:15 steadyState[0]: must have exactly one of http, tcp, exec, health, not tcp and health',
    ],
    ['steadyState: [{ http: "http://a/" }]', 'd.yaml:5:15 steadyState[0].name: is missing: expected a text'],
    [
      'steadyState: [{ name: x, http: a }]',
      'd.yaml:5:32 steadyState[0].http: "a" is not an http or https URL (try http://127.0.0.1:8080/healthz)',
    ],
    ['steadyState: [{ name: x, tcp: db }]', 'd.yaml:5:31 steadyState[0].tcp: "db" is not host:port (try db:5432)'],
    ['steadyState: [{ name: x, tcp: "db:70000" }]', 'd.yaml:5:31 steadyState[0].tcp: "db:70000" is not host:port (try db:5432)'],
    ['steadyState: [{ name: x, exec: ["true"] }]', 'd.yaml:5:15 steadyState[0].in: is missing: expected a map'],
    [
      'steadyState: [{ name: x, health: { service: a, servce: b } }]',
      'd.yaml:5:48 steadyState[0].health.servce: "servce" is not a known key (did you mean "service"?)',
    ],
    [
      'steadyState: [{ name: x, tcp: "a:1" }, { name: x, tcp: "a:2" }]',
      'd.yaml:5:48 steadyState[1].name: "x" is also the name of steadyState[0]',
    ],
    [
      'objectives: { time_to_helthy: 1s }',
      'd.yaml:5:15 objectives.time_to_helthy: "time_to_helthy" is not a known key (did you mean "time_to_healthy"?)',
    ],
    ['objectives: { downtime: 30 }', 'd.yaml:5:25 objectives.downtime: 30 is not a duration: a number needs its unit (try 30s)'],
    ['objectives: { recycled: 1.5 }', 'd.yaml:5:25 objectives.recycled: 1.5 is not a whole number'],
    ['objectives: { recycled: 3s }', 'd.yaml:5:25 objectives.recycled: "3s" is not a whole number'],
    [
      'objectives: { coverage: { min: 95 } }',
      'd.yaml:5:32 objectives.coverage.min: 95 is not a percentage or a ratio from 0 to 1 (try 95%)',
    ],
    ['objectives: { coverage: { min: 1%, max: 2% } }', 'd.yaml:5:25 objectives.coverage: must have exactly one of max, min'],
    ['name: b', 'd.yaml:5:1 name: is written twice in one map'],
    ['description: 5', 'd.yaml:5:14 description: 5 is not a text (write it in quotes)'],
  ])('%s', (more, message) => {
    expect(complaint(more)).toBe(message);
  });

  test.each([
    ['targets: {}', 1, 10],
    ['targets: { pick: { count: 1 } }', 1, 10],
    ['targets: { engines: [staging-1] }', 1, 10],
    ['targets: { labels: {} }', 1, 10],
    ['targets:', 1, 9],
    ['description: none', 1, 1],
  ])('an empty selector: %s', (selector, line, column) => {
    const { problems } = parseDrillFile(`${selector}\nname: a\nkind: reverse-uptime\nparams: { maxUptime: 7d }\n`, 'd.yaml', kinds);
    expect(problems).toMatchObject([{ code: 'empty_selector', path: 'targets', line, column }]);
    expect(problems[0]?.message).toContain('the selector is empty: name labels, compose, names, images or networks');
  });

  test.each([
    ['targets: { names: [] }', 'd.yaml:1:19 targets.names: a list is empty'],
    ['targets: { names: "shop-*" }', 'd.yaml:1:19 targets.names: "shop-*" is not a list'],
    ['targets: { compose: shop }', 'd.yaml:1:21 targets.compose: "shop" is not a map'],
    ['targets: { compose: {} }', 'd.yaml:1:21 targets.compose.project: is missing: expected a text'],
    ['targets: { labels: { tier: 1 } }', 'd.yaml:1:28 targets.labels.tier: 1 is not a text (write it in quotes)'],
    ['targets: { labels: { tier: [] } }', 'd.yaml:1:28 targets.labels.tier: a list is empty'],
    ['targets: { names: [a], pick: { percent: 0 } }', 'd.yaml:1:41 targets.pick.percent: 0 is not more than 0'],
    ['targets: { names: [a], pick: { percent: 0% } }', 'd.yaml:1:41 targets.pick.percent: "0%" is none at all (try 50)'],
    ['targets: { names: [a], pick: { percent: 101 } }', 'd.yaml:1:41 targets.pick.percent: 101 is more than 100'],
    ['targets: { names: [a], pick: { count: 0 } }', 'd.yaml:1:39 targets.pick.count: 0 is less than 1'],
    ['targets: { names: [a], pick: some }', 'd.yaml:1:30 targets.pick: "some" is not all, { count: 2 } or { percent: 50 }'],
    ['targets: { names: [a], pick: { count: 1, percent: 1 } }', 'd.yaml:1:30 targets.pick: must have count or percent, not both'],
    ['targets: { name: [a], names: [a] }', 'd.yaml:1:12 targets.name: "name" is not a known key (did you mean "names"?)'],
  ])('%s', (selector, message) => {
    expect(messages(`${selector}\nname: a\nkind: reverse-uptime\nparams: { maxUptime: 7d }\n`)).toEqual([message]);
  });

  test.each([
    ['name: Recycle', 'd.yaml:1:7 name: "Recycle" is not a name of a–z, 0–9 and dashes (try recycle-shop)'],
    [`name: ${'a'.repeat(64)}`, `d.yaml:1:7 name: "${'a'.repeat(59)}…" is longer than 63 characters`],
    ['name: 5', 'd.yaml:1:7 name: 5 is not a text (write it in quotes)'],
    ['', 'd.yaml:2:1 name: is missing: expected a text'],
  ])('name: %s', (name, message) => {
    expect(messages(`${name}\n${least.slice('name: a\n'.length)}`)).toEqual([message]);
  });

  test('a missing parameter is placed at the start of its map', () => {
    expect(messages(least.replace('params: { maxUptime: 7d }', 'params:\n  mode: restart'))).toEqual([
      'd.yaml:5:3 params.maxUptime: is missing: expected a duration (try 90s)',
    ]);
    expect(messages(least.replace('params: { maxUptime: 7d }\n', ''))).toEqual([
      'd.yaml:1:1 params.maxUptime: is missing: expected a duration (try 90s)',
    ]);
  });

  test('a kind of the design that is not here, and one that nobody knows', () => {
    const of = (kind: string) => parseDrillFile(least.replace('reverse-uptime', kind), 'd.yaml', kinds).problems;
    expect(of('lifecycle')).toMatchObject([
      {
        code: 'unknown_kind',
        message: 'd.yaml:2:7 kind: "lifecycle" is not in this version of Pitwall (it has reverse-uptime, secret-rotation)',
      },
    ]);
    expect(of('reverse-uptim')[0]?.message).toBe(
      'd.yaml:2:7 kind: "reverse-uptim" is not a kind of drill (did you mean "reverse-uptime"?)',
    );
    expect(of('ddos')[0]?.message).toBe('d.yaml:2:7 kind: "ddos" is not a kind of drill (known kinds: reverse-uptime, secret-rotation)');
  });

  test('all mistakes at once, in the order of the file', () => {
    const text = example.replace('7d', 'soon').replace('maxTargets', 'maxTarget').replace('jitter: 10m', 'jitter: 10');
    expect(parseDrillFile(text, 'd.yaml', kinds).problems.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '4 schedule.jitter',
      '6 safety.maxTarget',
      '10 params.maxUptime',
    ]);
  });
});

describe('a secret that was written where a reference belongs', () => {
  const file = (password: string) => `name: a\nkind: secret-rotation\ntargets: { names: [a] }\nparams: { password: ${password} }\n`;
  test.each([
    'hunter2',
    '{ env: [hunter2] }',
    '{ env: { hunter2: hunter2 } }',
    '{ file: [hunter2], env: hunter2 }',
    '{ hunter2: }',
    '"hunter2',
    'hunter2: hunter2',
    '!hunter2 x',
  ])('is not repeated: %s', (password) => {
    const { problems } = parseDrillFile(file(password), 'd.yaml', kinds);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  test('nor is one in a URL', () => {
    const found = messages(`${least}steadyState: [{ name: x, http: "http://user:hunter2@shop/" }]`);
    expect(found).toEqual(['d.yaml:5:32 steadyState[0].http: must not carry a user name or a password']);
  });

  test('a reference is read', () => {
    expect(drillOf(file('{ env: SHOP_PASSWORD }')).params).toEqual({ password: { env: 'SHOP_PASSWORD' } });
    expect(drillOf(file('{ file: /run/secrets/x }')).params).toEqual({ password: { file: '/run/secrets/x' } });
  });
});

test('no text makes it throw, and every problem lies inside the text', () => {
  const parse = drillFileParser(kinds);
  const pieces = fc.constantFrom(
    'name',
    ': ',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '&a ',
    '*a',
    '!x ',
    '|',
    '>',
    '#',
    '---\n',
    '...\n',
    '\t',
    ',',
    '? ',
    '%',
    'kind: reverse-uptime\n',
    '\r\n',
    '0x',
    '~',
    'ü',
    '😀',
  );
  const mutated = fc
    .tuple(fc.nat(example.length), fc.nat(12), fc.array(pieces, { maxLength: 3 }))
    .map(([at, cut, more]) => example.slice(0, at) + more.join('') + example.slice(at + cut));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(pieces, { maxLength: 40 }).map((list) => list.join('')),
        mutated,
      ),
      (text) => {
        const { problems } = parse(text, 'd.yaml');
        const lines = text.split(/\n/);
        for (const { line, column, message } of problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
          expect(message).not.toMatch(/[\n\r]|undefined|\[object|nonoptional/);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
