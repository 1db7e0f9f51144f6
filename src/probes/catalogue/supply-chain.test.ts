import { describe, expect, test } from 'vitest';
import type { Facts, HostFacts } from '../probe.ts';
import { image } from './image.ts';

type Component = HostFacts['components'][number];

const good: readonly Component[] = [
  { name: 'Engine', version: '29.6.0', commit: 'e77ff99' },
  { name: 'containerd', version: 'v2.2.1', commit: '05044ec0a9a75232cad458027ca83437aae3f4da' },
  { name: 'runc', version: '1.3.4', commit: 'v1.3.4-0-gd6d73eb8' },
];

function judged(
  id: string,
  given: { daemon?: object; components?: readonly Component[]; swarm?: string; inspect?: object; image?: object },
) {
  const probe = image.find((one) => one.id === id);
  if (probe === undefined) throw new Error(`no probe ${id}`);
  const facts = {
    inspect: { Image: 'sha256:1', Config: { Image: 'a:1', User: '' }, State: { Running: false }, HostConfig: {}, ...given.inspect },
    image: { Id: 'sha256:1', Created: '2026-01-01T00:00:00Z', RepoDigests: [], Config: {}, ...given.image },
    named: 'sha256:1',
    history: [],
    host: {
      info: { swarm: given.swarm ?? 'inactive' },
      daemon: given.daemon ?? {},
      components: given.components ?? good,
      networks: [],
      now: Date.UTC(2026, 0, 11),
    },
    allow: { user: null },
    unattempted: null,
    step: () => null,
    hashed: () => '',
  };
  return probe.judge(facts as unknown as Facts);
}

describe('versions', () => {
  const plugins = { Plugins: { Authorization: null } };
  const withRunc = (version: string, commit: string) => [...good.slice(0, 2), { name: 'runc', version, commit }];

  test('above the floor, as upstream or a distribution has it', () => {
    expect(judged('SUP-01', { daemon: plugins })).toMatchObject({
      state: 'holds',
      evidence: expect.stringMatching(/runc 1\.3\.4.*known on \d{4}-/),
    });
    expect(judged('SUP-01', { daemon: plugins, components: withRunc('1.3.3+ds1', '') }).state).toBe('holds');
  });

  test('below it: broken as upstream built it, not known as a distribution did', () => {
    expect(judged('SUP-01', { components: withRunc('1.2.7', 'v1.2.7-0-g6eb2d9a3') })).toMatchObject({
      state: 'broken',
      evidence: expect.stringContaining('CVE-2025-31133'),
    });
    expect(judged('SUP-01', { components: withRunc('1.1.15+ds1', '1.1.15+ds1-2+b4') })).toMatchObject({
      state: 'inconclusive',
      evidence: expect.stringContaining('unless its distribution has mended it'),
    });
  });

  test('one that is not said is not known, and one hole is enough', () => {
    expect(judged('SUP-01', { components: good.slice(0, 2) }).state).toBe('inconclusive');
    expect(judged('SUP-01', { components: withRunc('', '') }).state).toBe('inconclusive');
    expect(judged('SUP-01', { components: [{ name: 'runc', version: '1.2.7', commit: 'v1.2.7-0-g6eb2d9a3' }] }).state).toBe('broken');
  });

  test('what only bypasses a plugin counts only where there is one', () => {
    const components = [{ name: 'Engine', version: '29.3.0', commit: 'e77ff99' }, ...good.slice(1)];
    const said = (names: readonly string[] | null) =>
      judged('SUP-01', { components, daemon: { Plugins: { Authorization: names } } }).evidence;
    expect(said(['opa'])).toContain('CVE-2026-34040');
    expect(said(null)).not.toContain('CVE-2026-34040');
  });
});

test.each([
  [
    'SUP-02',
    { RegistryConfig: { InsecureRegistryCIDRs: ['127.0.0.0/8', '::1/128'], IndexConfigs: { 'docker.io': { Secure: true } } } },
    'holds',
  ],
  [
    'SUP-02',
    { RegistryConfig: { InsecureRegistryCIDRs: ['127.0.0.0/8'], IndexConfigs: { '127.0.0.1:5000': { Secure: false } } } },
    'holds',
  ],
  [
    'SUP-02',
    { RegistryConfig: { InsecureRegistryCIDRs: ['127.0.0.0/8'], IndexConfigs: { 'registry:5000': { Secure: false } } } },
    'broken',
  ],
  ['SUP-02', { RegistryConfig: { InsecureRegistryCIDRs: ['10.0.0.0/8'], IndexConfigs: {} } }, 'broken'],
  ['SUP-02', {}, 'inconclusive'],
  ['SUP-03', { Plugins: { Authorization: ['opa'] } }, 'holds'],
  ['SUP-03', { Plugins: { Authorization: null } }, 'broken'],
  ['SUP-03', {}, 'inconclusive'],
  ['SUP-04', { LiveRestoreEnabled: true }, 'holds'],
  ['SUP-04', { LiveRestoreEnabled: false }, 'broken'],
  ['SUP-04', {}, 'inconclusive'],
])('%s with %j: %s', (id, daemon, state) => {
  expect(judged(id, { daemon }).state).toBe(state);
});

test('an engine of a Swarm has no live restore', () => {
  expect(judged('SUP-04', { daemon: { LiveRestoreEnabled: false }, swarm: 'active' }).state).toBe('not-applicable');
});

test.each([
  ['json-file', {}, 'broken'],
  ['local', {}, 'broken'],
  ['none', {}, 'broken'],
  ['journald', {}, 'inconclusive'],
  ['syslog', { 'syslog-address': 'udp://192.0.2.1:514' }, 'holds'],
  ['syslog', { 'syslog-address': 'unixgram:///dev/log' }, 'inconclusive'],
  ['syslog', {}, 'inconclusive'],
  ['fluentd', { 'fluentd-address': 'localhost:24224' }, 'inconclusive'],
  ['fluentd', { 'fluentd-address': 'logs.example:24224' }, 'holds'],
  ['gelf', { 'gelf-address': 'udp://[::1]:12201' }, 'inconclusive'],
  ['awslogs', {}, 'holds'],
  ['loki', {}, 'inconclusive'],
])('a log by %s %j: %s', (Type, Config, state) => {
  expect(judged('SUP-05', { inspect: { HostConfig: { LogConfig: { Type, Config } } } }).state).toBe(state);
});

test.each([
  ['2026-01-01T00:00:00Z', 'holds'],
  ['2025-10-01T00:00:00Z', 'broken'],
  ['1970-01-01T00:00:00Z', 'inconclusive'],
  ['0001-01-01T00:00:00Z', 'inconclusive'],
  ['', 'inconclusive'],
  ['2027-01-01T00:00:00Z', 'inconclusive'],
])('an image of %s: %s', (Created, state) => {
  expect(judged('IMG-03', { image: { Created } }).state).toBe(state);
});

const digest = `sha256:${'a'.repeat(64)}`;
test.each([
  ['nginx', 'broken', 'broken'],
  ['nginx:latest', 'broken', 'broken'],
  ['registry:5000/nginx', 'broken', 'broken'],
  ['registry:5000/nginx:1.27', 'holds', 'broken'],
  [`nginx@${digest}`, 'holds', 'holds'],
  [`nginx:1.27@${digest}`, 'holds', 'holds'],
  [`nginx@sha256:${'b'.repeat(64)}`, 'holds', 'inconclusive'],
  [`sha256:${'c'.repeat(64)}`, 'holds', 'holds'],
  ['cccccccccccc', 'holds', 'holds'],
  ['', 'inconclusive', 'inconclusive'],
])('%s: its version %s, its digest %s', (reference, version, pinned) => {
  const given = {
    inspect: { Image: `sha256:${'c'.repeat(64)}`, Config: { Image: reference } },
    image: { Id: `sha256:${'c'.repeat(64)}`, RepoDigests: [`nginx@${digest}`] },
  };
  expect([judged('IMG-01', given).state, judged('IMG-02', given).state]).toEqual([version, pinned]);
});

test.each([
  [undefined, 'broken'],
  [['NONE'], 'broken'],
  [['CMD', 'true'], 'broken'],
  [['CMD-SHELL', 'exit 0'], 'broken'],
  [['CMD-SHELL', 'curl -f http://localhost/ || true'], 'broken'],
  [['CMD-SHELL', 'curl -f http://localhost/ || exit 1'], 'holds'],
])('a health check %j: %s', (Test, state) => {
  expect(judged('IMG-05', { inspect: { Config: { Image: 'a:1', Healthcheck: Test === undefined ? undefined : { Test } } } }).state).toBe(
    state,
  );
});

test.each([
  [undefined, 'not-applicable'],
  [{ Signature: [{ Name: 'cosign' }] }, 'holds'],
  [{ Signature: [{ Error: 'no such key' }] }, 'broken'],
  [{ Pull: [{}] }, 'inconclusive'],
])('an identity %j: %s', (Identity, state) => {
  expect(judged('IMG-09', { image: { Identity } }).state).toBe(state);
});
