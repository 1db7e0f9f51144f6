import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidError } from '../domain/errors.ts';
import { noticesByDefault } from '../domain/notice.ts';
import { type Config, loadConfig, optInRules } from './config.ts';
import { configSchema } from './config-schema.ts';
import { settings } from './environment.ts';
import { folder } from './fixtures/folder.ts';

const elsewhere = { home: '/home/someone', builtinDrills: '/opt/pitwall/drills' };

function load(text: string | null, env: Record<string, string> = {}): Config {
  using here = folder(text === null ? {} : { 'pitwall.yaml': text });
  const found = loadConfig({ env: { PITWALL_HOME: '/state', ...env }, cwd: here.path, ...elsewhere });
  return JSON.parse(JSON.stringify(found).replaceAll(here.path, '/here')) as Config;
}

function complaints(text: string | null, env: Record<string, string> = {}): string[] {
  try {
    load(text, env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidError);
    expect(error).toMatchObject({ code: 'bad_configuration', exitCode: 2 });
    return (error as Error).message.split('\n');
  }
}

describe('the configuration', () => {
  test('has a default for everything', () => {
    expect(load(null)).toEqual({
      file: null,
      home: '/state',
      engines: [],
      optIn: [],
      drills: ['/opt/pitwall/drills'],
      api: { host: '127.0.0.1', port: 7500, allowedHosts: [] },
      store: { path: '/state/pitwall.db' },
      evidence: { path: '/state/evidence' },
      registry: null,
      policy: { production: [], freeze: [] },
      helper: { image: null },
      retention: { runs: { maxAgeMs: 400 * 86_400_000, maxCount: 1_000_000 }, notices: { maxAgeMs: 90 * 86_400_000 } },
      notify: [],
      stop: { withinMs: 600_000 },
    });
    expect(load('')).toEqual({ ...load(null), file: '/here/pitwall.yaml' });
    expect(load('# all by default\n')).toEqual(load(''));
  });

  test('of the design is read', () => {
    const config = load(`
engines: [ { name: staging-1, host: "unix:///var/run/docker.sock", environment: staging, id: "AB:CD", tls: { ca: ca.pem } } ]
optIn: [ { compose: shop, kinds: all } ]
registry: { url: "http://127.0.0.1:5000", repository: evidence, credentials: { env: REGISTRY_AUTH } }
policy: { production: [forensic-freeze, segmentation], freeze: [ { rule: "Terminal shell in container", maxPerHour: 3, disposition: replace } ] }
retention: { runs: { maxAge: 30d, maxCount: 1000 } }
`);
    expect(config).toMatchObject({
      engines: [
        { name: 'staging-1', host: 'unix:///var/run/docker.sock', environment: 'staging', id: 'AB:CD', tls: { ca: '/here/ca.pem' } },
      ],
      optIn: [{ compose: 'shop', services: null, names: null, images: null, labels: {}, engines: null, kinds: 'all' }],
      registry: { url: 'http://127.0.0.1:5000', repository: 'evidence', credentials: { env: 'REGISTRY_AUTH' }, insecure: false },
      policy: {
        production: ['forensic-freeze', 'segmentation'],
        freeze: [
          {
            rule: 'Terminal shell in container',
            maxPerHour: 3,
            priority: null,
            labels: {},
            disposition: 'replace',
            memory: 'proc',
            leaseMs: 4 * 3_600_000,
          },
        ],
      },
      retention: { runs: { maxAgeMs: 30 * 86_400_000, maxCount: 1_000 } },
    });
  });

  test('a rule for alerts says how urgent, which containers, and how', () => {
    const { policy } = load(
      'policy: { freeze: [ { rule: A, priority: Critical, labels: { tier: web }, memory: full, lease: 8h, disposition: quarantine } ] }',
    );
    expect(policy.freeze).toEqual([
      {
        rule: 'A',
        maxPerHour: 3,
        priority: 'critical',
        labels: { tier: 'web' },
        disposition: 'quarantine',
        memory: 'full',
        leaseMs: 8 * 3_600_000,
      },
    ]);
  });

  test.each([
    ['api: { prot: 1 }', 'pitwall.yaml:1:8 api.prot: "prot" is not a known key (did you mean "port"?)'],
    [
      'policy: { freeze: [ { rule: A, priority: urgent } ] }',
      'pitwall.yaml:1:42 policy.freeze[0].priority: "urgent" is not a priority (known: emergency, alert, critical, error, warning, notice, informational, debug)',
    ],
    [
      'policy: { freeze: [ { rule: A, lease: 5 } ] }',
      'pitwall.yaml:1:39 policy.freeze[0].lease: 5 is not a duration: a number needs its unit (try 5s)',
    ],
    ['policy: { freeze: [ { rule: A, lease: 5s } ] }', 'pitwall.yaml:1:39 policy.freeze[0].lease: "5s" is less than 60000 ms'],
    ['api: { port: 70000 }', 'pitwall.yaml:1:14 api.port: 70000 is more than 65535'],
    ['api: [1]', 'pitwall.yaml:1:6 api: a list is not a map'],
    ['- a', 'pitwall.yaml:1:1 a list is not a map'],
    ['a: 1\n\tb: 2', 'pitwall.yaml:2:1 a tab cannot indent: use spaces'],
    ['api: {}\n---\napi: {}', 'pitwall.yaml:3:1 the configuration is one YAML document; a second one begins here'],
    ['engines: [{ name: a, host: "unix:///x" }]', 'pitwall.yaml:1:11 engines[0].environment: is missing: expected a text'],
    [
      'engines: [{ name: a, host: docker, environment: ci }]',
      'pitwall.yaml:1:28 engines[0].host: "docker" is not the address of an engine (try unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host)',
    ],
    [
      'engines: [{ name: a b, host: "unix:///x", environment: ci }]',
      'pitwall.yaml:1:19 engines[0].name: "a b" is not a name of letters, digits, dot, dash and underscore (try staging-1)',
    ],
    [
      'engines: [{ name: a, host: "unix:///x", environment: ci }, { name: a, host: "unix:///y", environment: ci }]',
      'pitwall.yaml:1:68 engines[1].name: "a" is also the name of engines[0]',
    ],
    ['optIn: [{ kinds: all }]', 'pitwall.yaml:1:9 optIn[0]: must say which containers: compose, names, images or labels'],
    ['optIn: [{ compose: shop }]', 'pitwall.yaml:1:9 optIn[0].kinds: is missing: expected a list of kinds, or all (try all)'],
    [
      'optIn: [{ compose: shop, kinds: [reverse-uptme] }]',
      /optIn\[0\]\.kinds\[0\]: "reverse-uptme" is not one of .* \(did you mean "reverse-uptime"\?\)$/,
    ],
    [
      'optIn: [{ names: ["*"], services: [a], kinds: all }]',
      'pitwall.yaml:1:35 optIn[0].services: needs compose: the project that the services are of',
    ],
    [
      'optIn: [{ names: ["*"], engines: [b], kinds: all }]',
      'pitwall.yaml:1:35 optIn[0].engines[0]: "b" is not the name of a listed engine (listed: none)',
    ],
    [
      'engines: [{ name: p, host: "unix:///x", environment: production }]\noptIn: [{ names: ["*"], engines: [p], kinds: all }]',
      'pitwall.yaml:2:35 optIn[0].engines[0]: "p" is an engine of the environment production, where containers opt in by their labels only',
    ],
    [
      'registry: { url: "http://registry:5000" }',
      'pitwall.yaml:1:18 registry.url: "http://registry:5000" is plain HTTP to another machine (use https, or say insecure: true)',
    ],
    [
      'registry: { url: "https://user:hunter2@registry" }',
      'pitwall.yaml:1:18 registry.url: must not carry a user name or a password (use credentials)',
    ],
    [
      'registry: { url: "https://r", credentials: "user:hunter2" }',
      'pitwall.yaml:1:44 registry.credentials: the value is not a map with exactly one of env, file',
    ],
    [
      'engines: [{ name: a, host: "tcp://u:hunter2@h:1", environment: ci }]',
      'pitwall.yaml:1:28 engines[0].host: must not carry a password',
    ],
    [
      'retention: { runs: { maxAge: 30 } }',
      'pitwall.yaml:1:30 retention.runs.maxAge: 30 is not a duration: a number needs its unit (try 30s)',
    ],
    ['drills: []', 'pitwall.yaml:1:9 drills: a list is empty'],
  ])('%s', (text, message) => {
    const found = complaints(text);
    expect(found).toHaveLength(1);
    if (typeof message === 'string') expect(found[0]).toBe(message);
    else expect(found[0]).toMatch(message);
    expect(found[0]).not.toContain('hunter2');
  });

  test('has all its mistakes named at once, and as data', () => {
    using here = folder({ 'pitwall.yaml': 'api: { port: x }\nstore: { path: 5 }\n' });
    try {
      loadConfig({ env: {}, cwd: here.path, ...elsewhere });
      expect.unreachable();
    } catch (error) {
      expect((error as InvalidError).context.problems).toMatchObject([
        { line: 1, column: 14, path: 'api.port' },
        { line: 2, column: 16, path: 'store.path' },
      ]);
    }
  });
});

describe('the environment', () => {
  test('wins over the file, value by value', () => {
    const env = {
      PITWALL_API_PORT: '7600',
      PITWALL_API_ALLOWEDHOSTS: 'a.example, b.example',
      PITWALL_STORE_PATH: 'x.db',
      PITWALL_REGISTRY_CREDENTIALS_FILE: 'auth',
      PITWALL_REGISTRY_INSECURE: 'true',
      PITWALL_RETENTION_RUNS_MAXAGE: '2d',
      PITWALL_POLICY_PRODUCTION: '[lifecycle]',
      PITWALL_OPTIN: '[{ compose: shop, kinds: [lifecycle] }]',
      PITWALL_HELPER_IMAGE: '0123',
      PITWALL_EVIDENCE_PATH: '',
      PITWALL_SOMETHING_ELSE: 'is not ours',
    };
    expect(load('api: { port: 1, host: "::1" }\nregistry: { url: "http://r", credentials: { env: X } }', env)).toMatchObject({
      api: { host: '::1', port: 7_600, allowedHosts: ['a.example', 'b.example'] },
      store: { path: '/here/x.db' },
      evidence: { path: '/state/evidence' },
      registry: { url: 'http://r', credentials: { file: '/here/auth' }, insecure: true },
      retention: { runs: { maxAgeMs: 2 * 86_400_000 } },
      policy: { production: ['lifecycle'] },
      optIn: [{ compose: 'shop', kinds: ['lifecycle'] }],
      helper: { image: '0123' },
    });
    expect(load(null, { PITWALL_REGISTRY_URL: 'https://r', PITWALL_REGISTRY_CREDENTIALS: '{ env: A }' }).registry).toMatchObject({
      repository: 'evidence',
      credentials: { env: 'A' },
    });
  });

  test('mends a value that is wrong in the file', () => {
    expect(load('api: { port: x }', { PITWALL_API_PORT: '1' }).api.port).toBe(1);
  });

  test.each([
    ['PITWALL_API_PORT', 'x', 'PITWALL_API_PORT api.port: "x" is not a whole number'],
    ['PITWALL_API_PORT', '70000', 'PITWALL_API_PORT api.port: 70000 is more than 65535'],
    ['PITWALL_API_PROT', '1', 'PITWALL_API_PROT is not a setting (did you mean PITWALL_API_PORT?)'],
    ['PITWALL_ENGINES', '[{', 'PITWALL_ENGINES engines: must be a list (try a,b or [a, b]), written as in YAML'],
    ['PITWALL_ENGINES', 'a', 'PITWALL_ENGINES engines[0]: "a" is not a map'],
    [
      'PITWALL_RETENTION_RUNS_MAXAGE',
      '5',
      'PITWALL_RETENTION_RUNS_MAXAGE retention.runs.maxAge: "5" is not a duration: a number needs its unit (try 5s)',
    ],
    ['PITWALL_HOME', 'state', 'PITWALL_HOME: "state" is not an absolute path: Pitwall\'s state would move with the working directory'],
  ])('%s=%s', (name, value, message) => {
    expect(complaints(null, { [name]: value })).toEqual([message]);
  });

  test('never has a secret repeated', () => {
    expect(complaints(null, { PITWALL_REGISTRY_URL: 'https://r', PITWALL_REGISTRY_CREDENTIALS: 'user:hunter2' }).join()).not.toContain(
      'hunter2',
    );
    expect(
      complaints(null, { PITWALL_REGISTRY_URL: 'https://r', PITWALL_REGISTRY_CREDENTIALS: '{ value: hunter2 }' }).join(),
    ).not.toContain('hunter2');
  });

  test('has a variable for every value of the file', () => {
    expect(settings(configSchema()).map((one) => one.variable)).toEqual([
      'PITWALL_ENGINES',
      'PITWALL_OPTIN',
      'PITWALL_DRILLS',
      'PITWALL_API_HOST',
      'PITWALL_API_PORT',
      'PITWALL_API_ALLOWEDHOSTS',
      'PITWALL_STORE_PATH',
      'PITWALL_EVIDENCE_PATH',
      'PITWALL_REGISTRY_URL',
      'PITWALL_REGISTRY_REPOSITORY',
      'PITWALL_REGISTRY_CREDENTIALS',
      'PITWALL_REGISTRY_CREDENTIALS_ENV',
      'PITWALL_REGISTRY_CREDENTIALS_FILE',
      'PITWALL_REGISTRY_INSECURE',
      'PITWALL_POLICY_PRODUCTION',
      'PITWALL_POLICY_FREEZE',
      'PITWALL_HELPER_IMAGE',
      'PITWALL_RETENTION_RUNS_MAXAGE',
      'PITWALL_RETENTION_RUNS_MAXCOUNT',
      'PITWALL_RETENTION_NOTICES_MAXAGE',
      'PITWALL_NOTIFY',
      'PITWALL_STOP_WITHIN',
    ]);
  });
});

describe('where things are', () => {
  test('the file: --config, then PITWALL_CONFIG, then the working directory', () => {
    using here = folder({ 'pitwall.yaml': 'api: { port: 1 }', 'b.yaml': 'api: { port: 2 }', 'c.yaml': 'api: { port: 3 }' });
    const port = (path: string | undefined, env: Record<string, string>) =>
      loadConfig({ path, env, cwd: here.path, ...elsewhere }).api.port;
    expect(port(undefined, {})).toBe(1);
    expect(port(undefined, { PITWALL_CONFIG: 'b.yaml' })).toBe(2);
    expect(port('c.yaml', { PITWALL_CONFIG: 'b.yaml' })).toBe(3);
    expect(() => port('none.yaml', {})).toThrow('the configuration file none.yaml does not exist');
    expect(() => port(undefined, { PITWALL_CONFIG: 'none.yaml' })).toThrow('the configuration file none.yaml does not exist');
    expect(() => port('.', {})).toThrow('the path is a folder');
  });

  test('relative paths: to the file, else to the home; never to the working directory', () => {
    using there = folder({ 'etc/pitwall.yaml': 'store: { path: data/p.db }\nevidence: { path: "~/e" }\ndrills: [d, /abs]\n' });
    using here = folder();
    const config = loadConfig({ path: there.at('etc/pitwall.yaml'), env: {}, cwd: here.path, ...elsewhere });
    expect(config).toMatchObject({
      home: there.at('etc'),
      store: { path: there.at('etc/data/p.db') },
      evidence: { path: '/home/someone/e' },
      drills: [there.at('etc/d'), '/abs'],
    });
    const bare = loadConfig({ env: { PITWALL_HOME: '/state', PITWALL_STORE_PATH: 'p.db' }, cwd: here.path, ...elsewhere });
    expect(bare.store.path).toBe('/state/p.db');
    const alone = loadConfig({ env: {}, cwd: here.path, ...elsewhere });
    expect(['/var/lib/pitwall', '/home/someone/.local/state/pitwall']).toContain(alone.home);
    expect(alone.store.path).toBe(join(alone.home, 'pitwall.db'));
  });

  test('what has no path of its own lies in PITWALL_HOME, also when there is a file', () => {
    expect(load('store: { path: pitwall.db }')).toMatchObject({
      home: '/state',
      store: { path: '/here/pitwall.db' },
      evidence: { path: '/state/evidence' },
    });
  });

  test('drills: beside the file if they are there, else those that come with Pitwall', () => {
    using here = folder({ 'pitwall.yaml': '' });
    const drills = () => loadConfig({ env: {}, cwd: here.path, ...elsewhere }).drills;
    expect(drills()).toEqual(['/opt/pitwall/drills']);
    mkdirSync(here.at('drills'));
    expect(drills()).toEqual([here.at('drills')]);
  });
});

test('optIn rules hold neither on production nor where the environment is not known', () => {
  const { optIn, engines } = load(`
engines:
  - { name: a, host: "unix:///a", environment: staging }
  - { name: p, host: "unix:///p", environment: production }
optIn:
  - { compose: shop, kinds: all }
  - { names: [x], engines: [a], kinds: [lifecycle] }
`);
  const rules = (name: string, environment: string | null) => optInRules({ optIn }, { name, environment }).length;
  expect(engines).toHaveLength(2);
  expect(rules('a', 'staging')).toBe(2);
  expect(rules('b', 'ci')).toBe(1);
  expect(rules('p', 'production')).toBe(0);
  expect(rules('other', null)).toBe(0);
});

describe('hooks', () => {
  const hooks = (...lines: string[]) => `notify:\n${lines.map((line) => `  - ${line}\n`).join('')}`;

  test('an address is a secret from the moment it is read, whatever form it has', () => {
    const { notify } = load(
      hooks(
        '{ name: a, url: "https://hooks.example.org/s3cr3t" }',
        '{ name: b, url: { file: b.url }, secret: { env: KEY }, format: slack, on: [residue], allowPrivate: [10.0.0.0/8, "fd00::/8"] }',
        '{ name: c, url: { env: C }, allowPrivate: true }',
      ),
    );
    expect(notify).toMatchObject([
      { name: 'a', url: '[secret]', format: 'json', secret: null, on: noticesByDefault, allow: { private: false, ranges: [] } },
      {
        name: 'b',
        url: { file: '/here/b.url' },
        secret: { env: 'KEY' },
        format: 'slack',
        on: ['residue'],
        allow: { private: false, ranges: ['10.0.0.0/8', 'fd00::/8'] },
      },
      { name: 'c', url: { env: 'C' }, allow: { private: true, ranges: [] } },
    ]);
  });

  test('what is wrong is said with its place, and never with the address', () => {
    const told = complaints(
      hooks(
        '{ name: a, url: "s3cr3t://x/s3cr3t" }',
        '{ name: a, url: "https://u:s3cr3t@example.org/" }',
        '{ name: b, url: { env: C }, on: [failing] }',
        '{ name: c, url: { env: C }, allowPrivate: [10.0.0.0/33] }',
        '{ name: d, url: { env: C }, allowPrivate: sometimes }',
        '{ name: e }',
      ),
    );
    expect(told.join('\n')).not.toContain('s3cr3t');
    expect(told).toEqual([
      expect.stringMatching(/^pitwall\.yaml:2:\d+ notify\[0\]\.url: .*is not an http or https address/),
      expect.stringMatching(/^pitwall\.yaml:3:\d+ notify\[1\]\.url: .*must not carry a user name/),
      expect.stringMatching(/^pitwall\.yaml:4:\d+ notify\[2\]\.on\[0\]: "failing" is not one of/),
      expect.stringMatching(/^pitwall\.yaml:5:\d+ notify\[3\]\.allowPrivate\[0\]: .*range of addresses/),
      expect.stringMatching(/^pitwall\.yaml:6:\d+ notify\[4\]\.allowPrivate: /),
      expect.stringMatching(/^pitwall\.yaml:7:\d+ notify\[5\]\.url: is missing/),
    ]);
    expect(complaints(hooks('{ name: a, url: { env: C } }', '{ name: a, url: { env: C } }'))).toEqual([
      expect.stringContaining('is also the name of notify[0]'),
    ]);
  });
});
