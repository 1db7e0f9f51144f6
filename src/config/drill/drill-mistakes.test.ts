import { describe, expect, test } from 'vitest';
import { complaint, example, least, messages } from '../fixtures/drill-text.ts';
import { kinds } from '../fixtures/fake-kind.ts';
import { parseDrillFile } from './drill-file.ts';

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
