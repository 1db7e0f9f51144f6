import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogue } from '../../src/probes/catalogue.ts';
import { fixture } from '../helper/lab.ts';
import { openProbeLab, type ProbeLab } from './lab.ts';

const ids = catalogue.filter(({ group }) => group === 'secrets').map(({ id }) => id);
const idle = "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done";

let lab: ProbeLab;
let images: string[] = [];
beforeAll(async () => {
  lab = await openProbeLab('secrets');
});
afterAll(async () => {
  for (const { id } of await lab.engine.list({ all: true, labels: [`pitwall.test=${lab.mark}`] }))
    await lab.engine.remove(id, { force: true });
  for (const image of images) await lab.engine.removeImage(image);
  await lab.close();
});

const secret = () => `s-${randomBytes(12).toString('hex')}`;

test('every one of them is seen red where its weakness is planted', async () => {
  const tested = await lab.selfTest(ids);
  expect([...tested].map(([id, { outcome, reason }]) => [id, outcome === 'red' ? 'red' : reason]).toSorted()).toEqual(
    ids.map((id) => [id, 'red']).toSorted(),
  );
  expect(tested.get('SEC-05')?.reason).toContain('/root/.ssh/id_ed25519: its user can read');
  expect(tested.get('SEC-06')?.reason).toMatch(/^found in what it printed: PLANTED_PASSWORD/);
  expect([...tested.values()].map(({ reason }) => reason).join()).not.toContain('planted-3f9a1c5e7b2d');
});

test('hardened, default and weak containers get the answers that are right for them', async () => {
  const [own, loose] = [secret(), secret()];
  // a secret of its own in a file that it alone may read
  const volume = `${lab.mark}-secret`;
  await lab.engine.createVolume(volume, lab.labels);
  const filled = await lab.run('fill', { HostConfig: { Mounts: [{ Type: 'volume', Source: volume, Target: '/v' }] } });
  await lab.shell(filled, `echo ${own} >/v/db && chown 65534:65534 /v/db && chmod 400 /v/db`);
  const hardened = await lab.run('hardened', {
    User: '65534:65534',
    Env: ['DB_PASSWORD_FILE=/run/secrets/db', 'LOG_LEVEL=info'],
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      NetworkMode: 'none',
      Memory: 64 * 1024 * 1024,
      PidsLimit: 32,
      Mounts: [{ Type: 'volume', Source: volume, Target: '/run/secrets', ReadOnly: true }],
    },
  });
  const plain = await lab.run('default');

  // an image with a key left in it, and a token in its variables and in its history
  const builder = await lab.engine.create(`${lab.mark}-builder`, {
    Image: fixture,
    Labels: lab.labels,
    Entrypoint: ['/bin/sh', '-c'],
    Cmd: [`mkdir -p /root/.aws && printf 'aws_secret_access_key = %s\\n' abcdefgh >/root/.aws/credentials; : NPM_TOKEN=${loose}`],
  });
  await lab.engine.start(builder.id);
  await lab.engine.wait(builder.id);
  const leaky = await lab.engine.commit(builder.id, { changes: [`ENV API_TOKEN=${loose}`, `LABEL pitwall.test="${lab.mark}"`] });
  images = [leaky];
  const open = `${lab.mark}-open`;
  await lab.engine.createVolume(open, lab.labels);
  await lab.run('neighbour', { Env: [`DATABASE_URL=postgres://shop:${loose}@db/shop`] });
  const weak = await lab.run('weak', {
    Image: leaky,
    Entrypoint: ['sh'],
    Cmd: ['-c', `echo "using $API_TOKEN"; echo x >/run/secrets/db; chmod 644 /run/secrets/db; ${idle}`, 'app', '--password', loose],
    HostConfig: {
      SecurityOpt: ['seccomp=unconfined'],
      Mounts: [{ Type: 'volume', Source: open, Target: '/run/secrets', ReadOnly: false }],
    },
  });

  await expect.poll(() => lab.shell(weak, 'ls /run/secrets')).toBe('db');

  const answers = async (container: string) => {
    const { evaluated } = await lab.probe(container, ids);
    expect(JSON.stringify(evaluated)).not.toContain(own);
    expect(JSON.stringify(evaluated)).not.toContain(loose);
    return Object.fromEntries(evaluated.map(({ probe, answer }) => [probe.id, answer]));
  };
  const [one, two, three] = [await answers(hardened), await answers(plain), await answers(weak)];
  const table = ids.map((id) => [id, one[id]?.state, two[id]?.state, three[id]?.state]);
  expect(table).toEqual([
    ['SEC-01', 'holds', 'holds', 'broken'],
    ['SEC-02', 'holds', 'holds', 'broken'],
    // the dummy has an empty volume where the weak one may write, so its file cannot be seen there
    ['SEC-03', 'holds', 'not-applicable', 'inconclusive'],
    ['SEC-04', 'holds', 'holds', 'broken'],
    ['SEC-05', 'holds', 'holds', 'broken'],
    ['SEC-06', 'holds', 'not-applicable', 'broken'],
    ['SEC-07', 'holds', 'not-applicable', 'broken'],
    // the fixture's image was imported: its history says nothing
    ['SEC-08', 'not-applicable', 'not-applicable', 'broken'],
  ]);
  expect(three['SEC-01']?.evidence).toMatch(/API_TOKEN \(by its name; hash [0-9a-f]{8}\)/);
  expect(three['SEC-07']?.evidence).toContain(`API_TOKEN is DATABASE_URL of ${lab.mark}-neighbour`);
  expect(three['SEC-06']?.evidence).toMatch(/what it printed: API_TOKEN.*its command: API_TOKEN.*its image: API_TOKEN/);
});

test('a secret that everybody may read is broken, mounted read-only from a volume', async () => {
  const volume = `${lab.mark}-everybody`;
  await lab.engine.createVolume(volume, lab.labels);
  const fill = await lab.run('fill-2', { HostConfig: { Mounts: [{ Type: 'volume', Source: volume, Target: '/v' }] } });
  await lab.shell(fill, 'echo s >/v/db; chmod 644 /v/db');
  const container = await lab.run('everybody', {
    User: '65534',
    HostConfig: { Mounts: [{ Type: 'volume', Source: volume, Target: '/etc/app/db-password', ReadOnly: true }] },
  });
  expect(await lab.ask(container, 'SEC-03')).toEqual([
    'broken',
    expect.stringContaining('/etc/app/db-password/db may be read by every user'),
  ]);
});

test('a mounted secret that could not be read is not known to be nowhere', async () => {
  const volume = `${lab.mark}-unreadable`;
  await lab.engine.createVolume(volume, lab.labels);
  const fill = await lab.run('fill-3', { HostConfig: { Mounts: [{ Type: 'volume', Source: volume, Target: '/v' }] } });
  await lab.shell(fill, 'echo s >/v/db; chmod 400 /v/db');
  const container = await lab.run('unreadable', {
    User: '65534',
    Env: [`DB_PASSWORD=${secret()}`],
    HostConfig: { Mounts: [{ Type: 'volume', Source: volume, Target: '/run/secrets', ReadOnly: true }] },
  });
  const { evaluated } = await lab.probe(container, ['SEC-03', 'SEC-06', 'SEC-07']);
  expect(evaluated.map(({ answer }) => answer.state)).toEqual(['holds', 'inconclusive', 'inconclusive']);
});

test('replicas of one service may share a secret, another service may not, also by the file', async () => {
  const [value, volume] = [secret(), `${lab.mark}-shared`];
  await lab.engine.createVolume(volume, lab.labels);
  const service = (name: string) => ({ 'com.docker.compose.project': lab.mark, 'com.docker.compose.service': name });
  const mounted = { Mounts: [{ Type: 'volume', Source: volume, Target: '/run/secrets', ReadOnly: true }] };
  const one = await lab.run('api-1', { Env: [`API_TOKEN=${value}`], Labels: service('api') });
  await lab.run('api-2', { Env: [`API_TOKEN=${value}`], Labels: service('api') });
  expect((await lab.ask(one, 'SEC-07'))[0]).toBe('holds');
  const two = await lab.run('mounts-1', { HostConfig: mounted, Labels: service('one') });
  await lab.run('mounts-2', { HostConfig: mounted, Labels: service('two') });
  expect(await lab.ask(two, 'SEC-07')).toEqual(['broken', expect.stringContaining(`is mounted in ${lab.mark}-mounts-2 too`)]);
});

test('what is only in a process’s arguments is found, and what is of its user’s reach alone counts', async () => {
  const container = await lab.run('busy', { User: '65534' });
  void lab.engine.exec(container, ['sh', '-c', 'sleep 60; :', 'app', '--password=hunter2-hunter2']).catch(() => undefined);
  await expect.poll(() => lab.shell(container, 'ps -o args | grep -c [h]unter2')).toBe('1');
  expect(await lab.ask(container, 'SEC-04')).toEqual([
    'broken',
    expect.stringMatching(/arguments of process \d+: --password \(by its name; hash/),
  ]);
});

test('a list of processes that was cut off proves nothing of those beyond', async () => {
  const many = "for i in $(seq 70); do sh -c 'sleep 60; :' filler $(head -c 1000 /dev/zero | tr '\\0' x) & done; wait";
  const container = await lab.run('crowded', { User: '65534', Env: [`DB_PASSWORD=${secret()}`], Cmd: ['sh', '-c', many] });
  await expect.poll(() => lab.shell(container, 'ps -o args | grep -c "[f]iller xxx"')).toBe('70');
  const { evaluated } = await lab.probe(container, ['SEC-04', 'SEC-06', 'NET-17', 'PRV-14']);
  expect(evaluated.map(({ probe, answer }) => [probe.id, answer.state]).toSorted()).toEqual([
    ['NET-17', 'inconclusive'],
    ['PRV-14', 'inconclusive'],
    ['SEC-04', 'inconclusive'],
    ['SEC-06', 'inconclusive'],
  ]);
});

test('a container that was never started is judged by what is declared', async () => {
  const { id } = await lab.engine.create(`${lab.mark}-created`, {
    Image: fixture,
    Labels: lab.labels,
    Cmd: ['app', '--token=abcdef0123'],
    Env: ['A=b'],
  });
  const { evaluated } = await lab.probe(id, ['SEC-01', 'SEC-04', 'SEC-06']);
  expect(evaluated.map(({ probe, answer }) => [probe.id, answer.state])).toEqual([
    ['SEC-01', 'holds'],
    ['SEC-04', 'broken'],
    ['SEC-06', 'not-applicable'],
  ]);
});

test('privileged, there is no dummy: the API alone is believed for what it alone decides', async () => {
  const { id } = await lab.engine.create(`${lab.mark}-privileged`, {
    Image: fixture,
    Labels: lab.labels,
    Env: ['A=b'],
    HostConfig: { Privileged: true, NetworkMode: 'none' },
  });
  const { evaluated } = await lab.probe(id, ['SEC-01', 'SEC-02', 'SEC-03', 'SEC-05']);
  expect(evaluated.map(({ answer }) => answer.state)).toEqual(['holds', 'holds', 'inconclusive', 'inconclusive']);
  expect(evaluated[0]?.answer.evidence).toContain('by the API alone: nothing was attempted: it is privileged');
});

test('among the processes of the host nobody can say which are its own', async () => {
  const container = await lab.run('pid-host', { HostConfig: { PidMode: 'host', NetworkMode: 'none' } });
  expect(await lab.ask(container, 'SEC-04')).toEqual(['inconclusive', expect.stringContaining('shares a PID namespace')]);
});
