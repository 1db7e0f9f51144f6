import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { drillOf, example, least } from '../fixtures/drill-text.ts';
import { kinds } from '../fixtures/fake-kind.ts';
import { parseDrillFile } from './drill-file.ts';

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
