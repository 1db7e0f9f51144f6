import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker, type Fixture, fixture } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

let box: Fixture;
let home: Pitwall;

/** A service of its own Compose project, which answers HTTP on 8080. */
const service = (name: string, ...args: string[]) =>
  box.run(
    name,
    '--network',
    box.name('net'),
    '--network-alias',
    name,
    '--label',
    `com.docker.compose.project=${box.id}`,
    '--label',
    `com.docker.compose.service=${name}`,
    ...args,
    '--',
    'sh',
    '-c',
    'mkdir -p /tmp/www && echo fine > /tmp/www/healthz && exec httpd -f -p 8080 -h /tmp/www',
  );

beforeAll(async () => {
  box = fixture();
  home = pitwall();
  await docker('network', 'create', '--label', box.label, box.name('net'));
  await service('web', '-p', '127.0.0.1::8080', '--stop-signal', 'KILL', '--health-cmd', 'true', '--health-interval', '1s');
  await service('api', '--stop-signal', 'KILL');
});
afterAll(async () => {
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

const drill = (services: string, checks: string, rest = '') => `name: steady
kind: reverse-uptime
targets: { compose: { project: ${box.id}, services: [${services}] } }
steadyState:
${checks}
params: { maxUptime: 1s }
${rest}
`;
async function webPort(): Promise<string> {
  return (await docker('port', box.name('web'), '8080')).split(':').at(-1) ?? '';
}
const old = () => new Promise((resolve) => setTimeout(resolve, 1_100));

test('downtime and availability are measured from requests while the only replica is away', async () => {
  await old();
  home.file(
    'drill.yaml',
    drill(
      'api',
      '  - { name: api answers, http: "http://api:8080/healthz", from: { service: web }, every: 50ms, timeout: 250ms }',
      'objectives: { downtime: 1m }',
    ),
  );
  const { exitCode, record, stderr } = await home.run('drill.yaml');
  expect([exitCode, record.verdict, record.reason, stderr]).toEqual([0, 'passed', '1 recycled', expect.anything()]);
  const value = (name: string) => record.measurements.find((measurement) => measurement.name === name)?.value;
  expect(value('downtime')).toBeGreaterThan(0);
  expect(value('availability')).toBeLessThan(1);
  const artifact = record.artifacts.find(({ name }) => name === 'availability');
  expect(artifact?.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('availability below minAvailability while it goes on: failed, though the container came back', async () => {
  await old();
  home.file(
    'drill.yaml',
    drill(
      'api',
      '  - { name: api answers, http: "http://api:8080/healthz", from: { service: web }, every: 50ms, timeout: 250ms, minAvailability: 100% }',
    ),
  );
  const { exitCode, record } = await home.run('drill.yaml');
  expect([exitCode, record.verdict]).toEqual([1, 'failed']);
  expect(record.reason).toMatch(/api answers: .* at least 100% is needed/);
});

test('a missed objective: failed, and the reason has the figure', async () => {
  await old();
  home.file('drill.yaml', drill('api', '  - { name: api runs, health: { service: api } }', 'objectives: { time_to_healthy: 1ms }'));
  const { exitCode, record } = await home.run('drill.yaml');
  expect([exitCode, record.verdict]).toEqual([1, 'failed']);
  expect(record.reason).toMatch(/time_to_healthy of .*-api was .*, objective at most 1 ms/);
});

test('an objective that nothing measured: inconclusive, never passed', async () => {
  await old();
  home.file('drill.yaml', drill('api', '  - { name: api runs, health: { service: api } }', 'objectives: { downtime: 1s }'));
  const { exitCode, record } = await home.run('drill.yaml');
  expect([exitCode, record.verdict]).toEqual([3, 'inconclusive']);
});

test('a steady state that does not come back after: failed', async () => {
  await old();
  // the published port is another one after the container was made again
  home.file('drill.yaml', drill('web', `  - { name: web answers, http: "http://127.0.0.1:${await webPort()}/healthz", every: 200ms }`));
  const { exitCode, record } = await home.run('drill.yaml');
  expect([exitCode, record.verdict]).toEqual([1, 'failed']);
  expect(record.reason).toMatch(/after the drill web answers/);
  expect(await box.running()).toEqual([box.name('api'), box.name('web')]);
});

test('nothing is due: passed with recycled 0, and nothing is asked of anybody', async () => {
  home.file('drill.yaml', drill('web', '  - { name: nobody, tcp: "127.0.0.1:1" }').replace('maxUptime: 1s', 'maxUptime: 7d'));
  const { exitCode, record } = await home.run('drill.yaml');
  expect([exitCode, record.verdict, record.measurements.find(({ name }) => name === 'recycled')?.value]).toEqual([0, 'passed', 0]);
});

test('exec, tcp and health from inside hold together', async () => {
  await old();
  home.file(
    'drill.yaml',
    drill(
      'api',
      `  - { name: web port, tcp: "web:8080", from: { service: web }, every: 100ms, minAvailability: 90% }
  - { name: a file is there, exec: [cat, /tmp/www/healthz], in: { service: web }, expect: { equals: fine } }
  - { name: web runs, health: { service: web } }`,
    ),
  );
  const { exitCode, record } = await home.run('drill.yaml');
  expect([exitCode, record.verdict, record.reason]).toEqual([0, 'passed', '1 recycled']);
});
