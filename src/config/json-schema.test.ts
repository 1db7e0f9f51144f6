import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { configReferenceMarkdown } from './config-reference.ts';
import { configSchema } from './config-schema.ts';
import { parseDrillFile } from './drill/drill-file.ts';
import { drillReferenceMarkdown } from './drill/drill-reference.ts';
import { kinds } from './fixtures/fake-kind.ts';
import { validateJson } from './fixtures/validate-json.ts';
import { drillJsonSchema, toJsonSchema } from './json-schema.ts';
import { referenceRows } from './reference-rows.ts';
import { readYaml } from './yaml/yaml.ts';

const example = readFileSync(new URL('fixtures/reverse-uptime.yaml', import.meta.url), 'utf8');
const schema = drillJsonSchema(kinds);
const least = 'name: a\nkind: reverse-uptime\ntargets: { names: ["a-*"] }\nparams: { maxUptime: 7d }\n';

/** What our own reader and the JSON Schema, by a validator of its own, say of one text. */
function verdicts(text: string): { ours: boolean; schema: boolean } {
  const data = readYaml(text, 'd').documents[0]?.data;
  return { ours: parseDrillFile(text, 'd', kinds).problems.length === 0, schema: validateJson(schema, data).length === 0 };
}

describe('the JSON Schema of drill files', () => {
  test.each([
    example,
    least,
    'name: a\nkind: secret-rotation\ntargets: { labels: { a: [b, c] }, pick: { percent: 50 } }\nparams: { password: { env: X } }\nobjectives: { dump: 64KiB }\n',
    `${least}objectives: {}\n`,
    `${least}objectives: { coverage: { min: 95% }, recycled: 0, max_age: { max: 0 } }\n`,
    `${least}safety: { minHealthy: 2, window: { days: [mon], from: "22:00", to: "24:00" } }\n`,
    `${least}steadyState:\n  - { name: t, tcp: "db:1", from: { service: a } }\n  - { name: e, exec: [a], in: { service: a }, every: 1m30s, expect: { max: 3 } }\n  - { name: h, health: { service: a } }\n`,
  ])('takes what the reader takes: %#', (text) => {
    expect(verdicts(text)).toEqual({ ours: true, schema: true });
  });

  test.each([
    least.replace('7d', '7 dayz'),
    least.replace('7d', '7'),
    least.replace('maxUptime', 'maxUptme'),
    least.replace('params: { maxUptime: 7d }', ''),
    least.replace('params: { maxUptime: 7d }', 'params: { password: { env: X } }'),
    least.replace('name: a', 'name: A'),
    least.replace('reverse-uptime', 'lifecycle'),
    least.replace('names: ["a-*"]', 'pick: all'),
    least.replace('names: ["a-*"]', 'names: []'),
    least.replace('names: ["a-*"]', 'names: [a], pick: { percent: 0 }'),
    `${least}safty: {}\n`,
    `${least}safety: { maxTargets: 1.5 }\n`,
    `${least}safety: { minHealthy: many }\n`,
    `${least}objectives: { dump: 1KiB }\n`,
    `${least}objectives: { recycled: 3s }\n`,
    `${least}objectives: { coverage: { min: 1%, max: 2% } }\n`,
    `${least}steadyState: [{ name: x }]\n`,
    `${least}steadyState: [{ name: x, tcp: "a:1", health: { service: a } }]\n`,
    `${least}schedule: { cron: "0 3 * * *", missed: later }\n`,
  ])('refuses what the reader refuses: %#', (text) => {
    expect(verdicts(text)).toEqual({ ours: false, schema: false });
  });

  test('has a description at every key', () => {
    const rows = [...referenceRows(schema), ...(schema.allOf ?? []).flatMap((one) => referenceRows(one.then ?? {}))];
    expect(rows.filter((row) => row.description === '').map((row) => row.key)).toEqual([]);
    expect(referenceRows(toJsonSchema(configSchema())).filter((row) => row.description === '')).toEqual([]);
    expect(rows.length).toBeGreaterThan(60);
  });

  test('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(JSON.stringify(schema)).not.toContain('alternatives');
  });
});

describe('the references', () => {
  test('of drill files list every key with its type and default', () => {
    const text = drillReferenceMarkdown(kinds);
    for (const line of [
      '| `safety.maxTargets` | whole number, at least 1 | `10` | The blast radius: more targets than this and the run is refused, never cut. |',
      '| `safety.timeout` | duration, e.g. `90s` | `30m` | The most that a run may take; then it takes no new action and undoes what is half done. |',
      '| `environments` | list of names | `[staging, ci, local]` | Environments of engines that it may run on. On several engines: one run each. |',
      '| `params.maxUptime` | duration, e.g. `90s` | **required** | The most that a container may live. |',
      '| `params.mode` | `recreate` or `restart` | `recreate` | How. |',
      '| `time_to_healthy` | duration | at most 1 m |',
      '| `steadyState[].name` | text | **required** | What it shows, in a few words; unique in the drill. |',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).not.toMatch(/undefined|\[object|\| any \|/);
  });

  test('of the configuration list every key with its variable', () => {
    const text = configReferenceMarkdown();
    expect(text).toContain(
      '| `api.port` | whole number from 0 to 65535 | `7500` | `PITWALL_API_PORT` | Port to listen on; 0 takes a free one. |',
    );
    expect(text).toContain('| `registry.credentials` | secret | – | `PITWALL_REGISTRY_CREDENTIALS` |');
    expect(text).not.toMatch(/undefined|\[object|\| any \|/);
  });

  test('show examples that are right', () => {
    const [drill] = /(?<=```yaml\n)name:[^`]+/.exec(drillReferenceMarkdown(kinds)) ?? [''];
    expect(parseDrillFile(drill, 'd', kinds)).toMatchObject({ problems: [], drills: [{ name: 'recycle-shop' }] });
    const [config] = /(?<=```yaml\n)engines:[^`]+/.exec(configReferenceMarkdown()) ?? [''];
    expect(configSchema().safeParse(readYaml(config, 'c').documents[0]?.data).error).toBeUndefined();
  });
});
