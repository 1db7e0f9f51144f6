import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseDrillFile } from '../../../../config/drill/drill-file.ts';
import { toJsonSchema } from '../../../../config/json-schema.ts';
import { params as everything } from '../../params.ts';
import { fields, type Params, problemsOf } from './fields.ts';
import { steps } from './index.ts';

const kind = {
  name: 'secret-rotation',
  summary: 'for this test',
  params: z.strictObject(fields),
  measures: {},
  defaultObjectives: {},
};
const head = 'name: a\nkind: secret-rotation\ntargets: { names: [a] }\nparams:\n';
const points = '  points: [{ service: db, port: 5432, protocol: postgresql, database: shop }]\n';
const few = '    issue: { exec: [issue], in: { service: creds } }\n    revoke: { exec: [revoke], in: { service: creds } }\n';

function read(given: { readonly steps?: string; readonly rest?: string }) {
  return parseDrillFile(`${head}  steps:\n${given.steps ?? few}${given.rest ?? points}`, 'd.yaml', new Map([[kind.name, kind]]));
}

function paramsOf(given: Parameters<typeof read>[0]): Params {
  const { drills, problems } = read(given);
  expect(problems).toEqual([]);
  return drills[0]?.params as Params;
}

test('the least of it', () => {
  const silent = { timeoutMs: 30_000, generate: false, answer: { user: ['user'], secret: ['secret'], keep: {} } };
  const given = paramsOf({});
  expect(given.steps.issue).toEqual({ type: 'exec', argv: ['issue'], service: 'creds', each: false, ...silent });
  expect(given.steps.undo).toBeNull();
  expect(given.points).toEqual([{ service: 'db', port: 5432, protocol: 'postgresql', database: 'shop' }]);
  expect(given.current).toBeNull();
  expect(steps.services(given)).toEqual(['db', 'creds']);
});

test('every form of step, point and credential', () => {
  const given = paramsOf({
    steps: `    prepare: { script: [/opt/canary, --now], timeout: 5s, generate: true }
    issue:
      http: "http://vault:8200/v1/database/creds/{name}"
      method: GET
      headers: { X-Vault-Token: { env: VAULT_TOKEN }, authorization: { file: /run/t, prefix: "Bearer " }, x-old: "{old}" }
      status: [200, 201]
      from: { service: api }
      answer: { user: data.username, secret: data.password, keep: { lease: lease_id } }
    revoke: { http: "https://vault/v1/sys/leases/revoke", method: PUT, body: { lease_id: "{kept.old.lease}", sync: true, n: 1 }, status: 204 }
    clear: { exec: [clear], in: { service: web }, each: true }
    undo: { http: "http://vault:8200/x", body: input }
`,
    rest: `  points:
    - { service: web, port: 80 }
    - { service: web, port: 80, protocol: http, path: /in, header: "x-key: {secret}" }
    - { service: redis, port: 6379, protocol: redis }
  current: { user: app, secret: { env: APP_PASSWORD } }
`,
  });
  expect(given.steps.prepare).toMatchObject({ type: 'script', argv: ['/opt/canary', '--now'], timeoutMs: 5_000, generate: true });
  expect(given.steps.issue).toMatchObject({
    type: 'http',
    method: 'GET',
    headers: {
      'X-Vault-Token': { ref: { env: 'VAULT_TOKEN' }, prefix: '' },
      authorization: { ref: { file: '/run/t' }, prefix: 'Bearer ' },
      'x-old': '{old}',
    },
    status: [200, 201],
    from: 'api',
    body: null,
    answer: { user: ['data', 'username'], secret: ['data', 'password'], keep: { lease: ['lease_id'] } },
  });
  expect(given.steps.revoke).toMatchObject({
    status: [204],
    from: null,
    body: { template: { lease_id: '{kept.old.lease}', sync: true, n: 1 } },
  });
  expect(given.steps.clear).toMatchObject({ each: true });
  expect(given.steps.undo).toMatchObject({ method: 'POST', body: 'input', status: null });
  expect(given.points).toEqual([
    { protocol: 'http', service: 'web', port: 80, path: '/', header: 'authorization: Bearer {secret}' },
    { protocol: 'http', service: 'web', port: 80, path: '/in', header: 'x-key: {secret}' },
    { protocol: 'redis', service: 'redis', port: 6379 },
  ]);
  expect(given.current).toEqual({ user: 'app', secret: { env: 'APP_PASSWORD' } });
  expect(steps.services(given)).toEqual(['web', 'redis', 'api']);
});

const revoke = '    revoke: { script: [revoke] }\n';
test.for([
  [
    '    issue: { exec: [a], in: { service: b } }\n',
    'd.yaml:6:5 params.steps.revoke: is missing: a secret that leaked must be refused (or give refuse)',
  ],
  [revoke, 'd.yaml:6:5 params.steps.issue: is missing: expected a step'],
  [`${few}    refuse: { script: [a] }\n`, 'd.yaml:8:13 params.steps.refuse: may not stand beside revoke, which does both'],
  [`${few}    endSessions: { script: [a] }\n`, 'd.yaml:8:18 params.steps.endSessions: may not stand beside revoke, which does both'],
  [`${few}    prepare: { script: [a] }\n`, 'd.yaml:6:5 params.steps.undo: is missing: what prepare makes must be taken away again'],
  [
    `${few}    verify: { script: [a], exec: [b] }\n`,
    'd.yaml:8:13 params.steps.verify: must have exactly one of exec, http, script, not exec and script',
  ],
  [
    `${few}    verify: { script: [./a] }\n`,
    'd.yaml:8:23 params.steps.verify.script: begins with a path that depends on where Pitwall is started (give an absolute one, or a name to be found by PATH)',
  ],
  [`${few}    verify: { script: [] }\n`, 'd.yaml:8:23 params.steps.verify.script: a list is empty'],
  [
    `${few}    verify: { script: [a], generate: true }\n`,
    'd.yaml:8:28 params.steps.verify.generate: "generate" is not a known key (known: script, timeout)',
  ],
  [`${few}    verify: { script: [a], timeout: soon }\n`, 'd.yaml:8:37 params.steps.verify.timeout: "soon" is not a duration (try 90s)'],
  [`${few}    verify: { exec: [a] }\n`, 'd.yaml:8:13 params.steps.verify.in: is missing: expected a map'],
  [
    `${few}    verify: { http: "ftp://a" }\n`,
    'd.yaml:8:21 params.steps.verify.http: "ftp://a" is not an http or https URL (try http://vault:8200/v1/database/creds/pitwall-app)',
  ],
  [`${few}    verify: { http: "http://u:p@a" }\n`, 'd.yaml:8:21 params.steps.verify.http: must not carry a user name or a password'],
  [
    `${few}    verify: { http: "http://a/{old}" }\n`,
    'd.yaml:8:21 params.steps.verify.http: has {old} in it: secrets may stand in headers and the body only',
  ],
  [
    `${few}    verify: { http: "http://a", body: { x: ["{nwe}"] } }\n`,
    'd.yaml:8:39 params.steps.verify.body: has {nwe} in it, which is none of {step}, {run}, {plan}, {credential}, {name}, {user}, {newUser}, {old}, {new}, {kept.old.…}, {kept.new.…}',
  ],
  [`${few}    verify: { http: "http://a", body: all }\n`, 'd.yaml:8:39 params.steps.verify.body: "all" is neither `input` nor a map'],
  [
    `${few}    verify: { http: "http://a", headers: { x-api-key: abc } }\n`,
    'd.yaml:8:55 params.steps.verify.headers.x-api-key: may hold a secret, which has no place in a drill file (give { env: … } or { file: … })',
  ],
  [
    `${few}    verify: { http: "http://a", headers: { x-token: { evn: A } } }\n`,
    'd.yaml:8:53 params.steps.verify.headers.x-token: must have exactly one of env, file',
  ],
  [`${few}    verify: { http: "http://a", status: 99 }\n`, 'd.yaml:8:41 params.steps.verify.status: 99 is less than 100'],
  [
    `${few}    verify: { http: "http://a", method: HEAD }\n`,
    'd.yaml:8:41 params.steps.verify.method: "HEAD" is not one of GET, POST, PUT, PATCH, DELETE',
  ],
  [
    `${revoke}    issue: { exec: [a], in: { service: b }, each: true }\n`,
    'd.yaml:7:51 params.steps.issue.each: needs generate: true here, or each replica would answer with another value',
  ],
  [
    `${revoke}    issue: { script: [a], answer: { secret: "" } }\n`,
    'd.yaml:7:45 params.steps.issue.answer.secret: the value is not a path of keys (try data.password)',
  ],
  [
    `${few}    rotate: { script: [a] }\n`,
    'd.yaml:8:5 params.steps.rotate: "rotate" is not a known key (known: check, prepare, issue, deploy, verify, revoke, refuse, endSessions, clear, undo)',
  ],
])('%# a wrong step is told with its place', ([given, message]) => {
  expect(read({ steps: given ?? '' }).problems.map((problem) => problem.message)).toEqual([message]);
});

test.for([
  ['  points: []\n', 'd.yaml:8:11 params.points: a list is empty'],
  ['', 'd.yaml:5:3 params.points: is missing: expected a list'],
  [
    '  points: [{ service: a, port: 1, protocol: ssh }]\n',
    'd.yaml:8:45 params.points[0].protocol: "ssh" is not one of http, postgresql, redis',
  ],
  ['  points: [{ service: a, port: 1, protocol: postgresql }]\n', 'd.yaml:8:12 params.points[0].database: is missing: expected a text'],
  ['  points: [{ service: a, port: 0 }]\n', 'd.yaml:8:32 params.points[0].port: 0 is less than 1'],
  [`${points}  current: { user: app, secret: hunter2 }\n`, ''],
])('%# a wrong point or credential is told with its place', ([rest = '', message]) => {
  const told = read({ rest }).problems.map((problem) => problem.message);
  if (message !== '') expect(told).toEqual([message]);
  else {
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^d\.yaml:9:33 params\.current\.secret: .*is not a map with exactly one of env, file$/);
  }
});

test('the real credential must be named, and be possible to put back', () => {
  const given = paramsOf({});
  expect(problemsOf(given, 'canary')).toEqual([]);
  expect(problemsOf(given, 'real').map(({ path }) => path)).toEqual([['current'], ['steps', 'undo']]);
});

test('the plan shows what is done in its order, and no value', () => {
  const given = paramsOf({
    steps: `${few}    verify: { http: "http://a/{user}", method: GET, headers: { x-token: { env: A } } }\n    undo: { script: [/opt/undo] }\n`,
  });
  const canary = 'step issue (makes the canary): issue in creds';
  const verify = 'step verify: GET http://a/{user}';
  const undo = "step undo: /opt/undo on Pitwall's machine";
  expect(steps.actions(given, 'leak', 'canary')).toEqual([
    canary,
    'step revoke: revoke in creds',
    'step issue: issue in creds',
    verify,
    undo,
  ]);
  expect(steps.actions(given, 'planned', 'real')).toEqual(['step issue: issue in creds', verify, 'step revoke: revoke in creds']);
});

test('the examples of the page can be read as they are', () => {
  const page = readFileSync(new URL('../../../../../docs/rotation-steps.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/^```yaml\n(name: [\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  const found = examples.map((text) => parseDrillFile(text, 'd.yaml', new Map([['secret-rotation', { ...kind, params: everything }]])));
  expect(found.map(({ problems }) => problems)).toEqual([[], []]);
});

test('the real credential is asked for in the drill file, with its place', () => {
  const text = `${head}  system: steps\n  credential: real\n  steps:\n${few}${points}`;
  const { problems } = parseDrillFile(text, 'd.yaml', new Map([['secret-rotation', { ...kind, params: everything }]]));
  expect(problems.map((problem) => problem.message)).toEqual([
    'd.yaml:5:3 params.current: is missing: with credential real it says which credential is rotated',
    'd.yaml:8:5 params.steps.undo: is missing: with credential real it must be possible to put it back',
  ]);
});

test('editors get a schema of it', () => {
  const text = JSON.stringify(toJsonSchema(kind.params));
  for (const key of ['endSessions', 'script', 'prefix', 'postgresql', 'kept.old']) expect(text).toContain(key);
});
