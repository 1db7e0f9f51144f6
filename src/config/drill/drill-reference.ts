import { formatAmount } from '../../domain/amount.ts';
import type { ObjectiveBound, Unit } from '../../domain/words.ts';
import { type JsonSchema, toJsonSchema } from '../json-schema.ts';
import { code, markdownTable, type ReferenceRow, referenceRows, rowsBelow } from '../reference-rows.ts';
import { drillSchema, type KindContract } from './drill-schema.ts';

/** `docs/drill-file.md`: every key of a drill file, from the schemas that read it. */
export function drillReferenceMarkdown(kinds: ReadonlyMap<string, KindContract>): string {
  const { properties = {}, required = [] } = toJsonSchema(drillSchema(null));
  const top = Object.entries(properties).map(([key, field]) => [key, shallow(field)] as const);
  return [
    intro,
    '## Top level',
    table(referenceRows({ properties: Object.fromEntries(top), required })),
    ...sections.flatMap(({ key, text }) => [`## ${key}`, ...text, table(rowsBelow(properties[key] ?? {}, key))]),
    ...[...kinds.values()].map(kindSection),
    `${values}\n`,
  ].join('\n\n');
}

const intro = `# Drill files

<!-- Generated from the schemas by \`npm run docs\`; do not edit. -->

A drill file is YAML: one or more documents, each of them a drill. It is read strictly. An unknown key, a value of the wrong type or a name that
is used twice is an error, with file, line and column; \`pitwall validate\` shows all of them:

\`\`\`
drills/recycle.yaml:7:14 params.maxUptime: "7 dayz" is not a duration (try 7d)
\`\`\`

\`pitwall serve\` takes an edit over without a restart. While a file has a mistake, the
running \`serve\` keeps its drills as they last were good, and says so; a command reads the file as it is, and refuses it.

\`\`\`yaml
name: recycle-shop
kind: reverse-uptime
description: No shop container lives longer than a week.
schedule: { cron: "0 3 * * 1-5", timezone: Europe/Amsterdam, jitter: 10m }
targets: { compose: { project: shop, services: [web, api] } }
safety: { maxTargets: 6, minHealthy: 50%, timeout: 10m, abortIf: { availability: 90%, for: 5s } }
steadyState:
  - { name: shop answers, http: "http://127.0.0.1:8080/healthz", every: 250ms, minAvailability: 99.5% }
params: { maxUptime: 7d }
objectives: { time_to_healthy: 30s, downtime: 2s }
\`\`\``;

const values = `## How values are written

| type | written | notes |
|---|---|---|
| duration | \`250ms\`, \`90s\`, \`10m\`, \`4h\`, \`7d\`, \`1h30m\` | A bare number is an error, but for 0: nobody can tell its unit. |
| percentage | \`99.5%\` | |
| size | \`64KiB\`, \`10MB\` | KiB, MiB, GiB, TiB are powers of 1024; kB, MB, GB, TB of 1000. A bare number is an error, but for 0. |
| glob | \`shop-*\`, \`web-?\` | \`*\` is any characters, also \`/\`; \`?\` is one. Write it in quotes when it begins with \`*\`. |
| days | \`mon-fri\`, \`sat,sun\`, \`[mon, wed]\` | A range may wrap: \`fri-mon\`. |
| time of day | \`"09:00"\` | \`"24:00"\` is the end of a day. |
| cron | \`"0 3 * * 1-5"\` | Five fields; with six, seconds come first. One that never comes round is an error. |
| secret | \`{ env: NAME }\` or \`{ file: PATH }\` | Where the secret is; never the secret. |

Labels are text: write \`"1"\` and \`"true"\` in quotes.`;

const sections = [
  { key: 'schedule', text: [] },
  {
    key: 'targets',
    text: [
      'Only running containers that opted in are ever touched, by the label `pitwall.drills` or by the owner\'s `optIn` rules in `pitwall.yaml`; `pitwall.skip: "true"` always wins. A selector that is empty is an error: it would mean every container.',
    ],
  },
  { key: 'safety', text: [] },
  { key: 'steadyState', text: ['A list; each entry has exactly one of `http`, `tcp`, `exec` and `health`.'] },
] as const;

function kindSection(kind: KindContract): string {
  const { params = {}, objectives = {} } = toJsonSchema(drillSchema(kind)).properties ?? {};
  const measures = Object.keys(objectives.properties ?? {}).map((name) => {
    const unit = kind.measures[name] as Unit;
    const bound = kind.defaultObjectives[name];
    return [code(name), units[unit], bound ? boundText(bound, unit) : '–'];
  });
  return [
    `## kind: ${kind.name}`,
    kind.summary,
    '### params',
    table(referenceRows(params, 'params')),
    '### objectives',
    'A bare value is the most that a measurement may be; `{ min: … }` is the least. `objectives: {}` states that there are none; without the key these hold:',
    markdownTable(['measurement', 'unit', 'default objective'], measures),
  ].join('\n\n');
}

const units: Readonly<Record<Unit, string>> = { ms: 'duration', count: 'whole number', ratio: 'percentage or ratio', bytes: 'size' };

function boundText(bound: ObjectiveBound, unit: Unit): string {
  return 'max' in bound ? `at most ${formatAmount(bound.max, unit)}` : `at least ${formatAmount(bound.min, unit)}`;
}

function table(rows: readonly ReferenceRow[]): string {
  return markdownTable(
    ['key', 'type', 'default', 'what it is'],
    rows.map((row) => [code(row.key), row.type, row.default ?? (row.required ? '**required**' : '–'), row.description]),
  );
}

/** Without the keys below it, which have a section of their own. */
function shallow(schema: JsonSchema): JsonSchema {
  const { type, items, description = '' } = schema;
  if (type === 'array' && items) return { ...schema, items: items.anyOf ? { properties: {} } : items };
  return type === 'object' ? { type, description } : schema;
}
