import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker } from '../support/containers.ts';
import { type Lab, lab, listening, listens, type Seen } from './lab.ts';

let world: Lab;
let answer: Seen;

/** Writes down that somebody came, and what was said. */
const witness = ['nc', '-ll', '-p', '8080', '-e', 'sh', '-c', 'echo came >> /tmp/came; cat >> /tmp/said'];
/** A DHCP server that says whatever reaches it: the only one of the fixture's programs that listens on UDP. */
const names = [
  'sh',
  '-c',
  'touch /tmp/l; printf "start 10.99.0.20\\nend 10.99.0.21\\ninterface eth0\\nlease_file /tmp/l\\npidfile /tmp/p\\n" > /tmp/c; exec udhcpd -fvv /tmp/c > /tmp/heard 2>&1',
];
const alone = ['sleep', '1000'];

beforeAll(async () => {
  world = lab();
  const { box } = world;
  const [net, outside] = [await world.network('net'), await world.network('outside', '--internal')];
  await world.service('web', '--network', net);
  await world.service('side', '--network', `container:${box.name('web')}`, '--', ...alone);
  await world.service('idle', '--network', net, '--expose', '9000', '--', ...alone);
  await world.service('watched', '--network', net, '--', ...witness);
  await world.service('left', '--network', net, '--label', 'pitwall.skip=yes', '--expose', '8080', '--', ...witness);
  await world.service('empty', '--network', net, '--expose', '5353/udp', '--', ...alone);
  await world.service('names', '--network', net, '--', ...names);
  // two of a service, of which one is out of reach
  const replica = ['--label', `com.docker.compose.project=${box.id}`, '--label', 'com.docker.compose.service=api'];
  await box.run('api-1', ...replica, '--network', net, '--', ...listens);
  await box.run('api-2', ...replica, '--network', await world.network('astray'), '--', ...listens);
  // not a target: no label that opts it in
  await box.runPlain('stranger', '--network', net, '--expose', '8080', '--', ...listens);
  // one to be left alone, in the network of one that is met, and of no project
  await box.runPlain('lodging', '--network', net, '--expose', '8080', '--', ...listens);
  await box.runPlain('quiet', '--network', `container:${box.name('lodging')}`, '--label', 'pitwall.skip=1', '--', ...alone);
  // nobody whom the targets could meet, but for a port of the host
  await box.runPlain('elsewhere', '--network', await world.network('elsewhere'), '-p', '8080', '--', ...listens);
  await box.runPlain('decoy', '--network', outside, '--', ...listens);
  await docker('network', 'connect', outside, box.name('idle'));
  const decoy = await docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', box.name('decoy'));
  const listeners = ['watched', 'api-1', 'api-2', 'stranger', 'lodging', 'decoy'].map((name) => listening(box.name(name)));
  await Promise.all([...listeners, listening(box.name('names'), 67, 'udp')]);
  answer = await world.run(`decoy: "${decoy}:8080"
policy:
  host: allow
  allow:
    - { from: web, to: api, port: 8080 }
    - { from: side, to: idle, port: 9000 }
    - { from: web, to: empty, port: 5353, protocol: udp }
    - { from: idle, to: watched }
    - { from: watched, to: web, port: "8000-8100" }`);
});
afterAll(() => world[Symbol.asyncDispose]());

test('refused is reachable: denied it is broken, allowed it is only said', () => {
  const denied = answer.finding('watched → idle:9000');
  expect([denied?.probe, denied?.state, denied?.severity]).toEqual(['NET-04', 'broken', 'high']);
  expect(denied?.evidence).toContain('refused');
  expect(answer.finding('web → idle:9000: allowed, but nothing listens')?.severity).toBe('low');
  expect(answer.cells.find(({ from, to }) => from === 'watched' && to === 'idle')?.measured).toBe('refused');
});

test('what is open is connected to, and never written to', async () => {
  expect(answer.finding('web → watched:8080')?.severity).toBe('critical');
  const { box } = world;
  expect(await docker('exec', box.name('watched'), 'cat', '/tmp/came')).toContain('came');
  expect(await docker('exec', box.name('watched'), 'cat', '/tmp/said')).toBe('');
});

test('skipped: nobody comes, and it is shown as not known', async () => {
  const cells = answer.cells.filter(({ to }) => to === 'left');
  expect(cells.length).toBeGreaterThan(0);
  expect(new Set(cells.map(({ measured }) => measured))).toEqual(new Set(['unknown']));
  expect(answer.cells.filter(({ from }) => from === 'left')).toEqual([]);
  expect([answer.finding('left: left out')?.state, answer.finding('left: left out')?.severity]).toEqual(['inconclusive', 'low']);
  expect(await docker('exec', world.box.name('left'), 'ls', '/tmp')).toBe('');
  const lodging = answer.cells.filter(({ to }) => to === world.box.name('lodging'));
  expect([lodging.length > 0, ...new Set(lodging.map(({ measured }) => measured))]).toEqual([true, 'unknown']);
});

test('what is passed on to others is not tried, and that is said', async () => {
  const port = Number((await docker('port', world.box.name('elsewhere'), '8080')).split('\n')[0]?.split(':').at(-1));
  expect(answer.cells.filter((cell) => cell.to === 'host' && cell.port === port)).toEqual([]);
  expect(answer.finding('what others publish was not tried')?.evidence).toMatch(new RegExp(`\\b${port}\\b`));
});

test('UDP counts where a helper hears it, and what a workload listens on gets nothing', async () => {
  expect(answer.finding('watched → empty:5353/udp')?.state).toBe('broken');
  expect(answer.cells.find(({ from, to }) => from === 'web' && to === 'empty')).toMatchObject({
    protocol: 'udp',
    declared: 'allow',
    measured: 'open',
    disagreement: null,
  });
  expect(answer.finding('web → names:67/udp')?.evidence).toContain('another port beside the workload’s own');
  const heard = await docker('exec', world.box.name('names'), 'cat', '/tmp/heard');
  expect(heard).toContain('started');
  expect(heard).not.toContain('packet');
});

test('every replica counts: one of two out of reach is an outage', () => {
  const { finding } = answer;
  expect(finding('web → api:8080: allowed, but closed')?.evidence).toMatch(/astray/);
  expect(finding('idle → api:8080')?.state).toBe('broken');
});

test('one that has not opted in is connected to, not entered', () => {
  expect(answer.finding(`web → ${world.box.name('stranger')}:8080`)?.state).toBe('broken');
  expect(answer.finding(`${world.box.name('stranger')}: what it listens on is not known`)?.state).toBe('inconclusive');
});

test('the decoy stands for the outside, and is nobody else', () => {
  const leak = answer.record.findings.filter(({ probe, state }) => probe === 'NET-02' && state === 'broken');
  expect(leak.map(({ title }) => title)).toEqual(['idle → external']);
  expect(answer.cells.find(({ from, to }) => from === 'web' && to === 'external')).toMatchObject({
    declared: 'deny',
    simulated: 'allow',
    measured: 'closed',
  });
  expect(answer.cells.some(({ to }) => to === world.box.name('decoy'))).toBe(false);
});

test('one that lives in the network of another is one place with it', () => {
  const { box } = world;
  expect(answer.record.targets.find(({ name }) => name === box.name('side'))?.outcome).toBe(`in the network of ${box.name('web')}`);
  expect(answer.cells.filter(({ from, to }) => from === 'side' || to === 'side')).toEqual([]);
});

test('nothing else was found', () => {
  const everybody = ['api', 'empty', 'idle', 'names', 'watched', 'web'];
  const ports = ['api:8080', 'empty:5353/udp', 'idle:9000', 'names:67/udp', 'stranger:8080', 'watched:8080', 'web:8080'];
  const all = everybody.flatMap((from) => ports.filter((to) => !to.startsWith(from)).map((to) => `${from} → ${to}`));
  const allowed = ['web → api:8080', 'web → idle:9000', 'web → empty:5353/udp', 'idle → watched:8080', 'watched → web:8080'];
  const also = ['idle → external', 'web → api:8080: allowed, but closed', 'web → idle:9000: allowed, but nothing listens'];
  const found = answer.broken.map((line) => line.replace(/^NET-0\d /, '').replace(`${world.box.id}-`, ''));
  expect(found.toSorted()).toEqual([...all.filter((pair) => !allowed.includes(pair)), ...also].toSorted());
});

test('bad input: an unknown service, and a decoy that is far away', async () => {
  const unknown = await world.home.call('run', world.drill('policy: { allow: [{ from: web, to: wached, port: 1 }] }', 'unknown.yaml'));
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stdout).toContain('params.policy.allow[0].to: "wached" is no service');
  expect(unknown.stdout).toContain('did you mean "watched"?');
  const planned = await world.home.call('plan', world.drill('policy: { allow: [{ from: weeb, to: web, port: 1 }] }', 'unknown.yaml'));
  expect([planned.exitCode, planned.stderr.includes('params.policy.allow[0].from')]).toEqual([2, true]);
  const far = await world.home.call('run', world.drill('decoy: "198.51.100.7:443"', 'far.yaml'));
  expect([far.exitCode, far.stdout.includes('params.decoy: 198.51.100.7:443 lies in no bridge network of the engine')]).toEqual([2, true]);
  // the engine names its subnet all the same, and packets to it go to the router
  const [subnet, address] = ['2001:db8:77::/64', '[2001:db8:77::9]:443'];
  await world.network('off', '--subnet', subnet);
  const off = await world.home.call('plan', world.drill(`decoy: "${address}"`, 'far.yaml'));
  expect([off.exitCode, off.stderr]).toEqual([2, expect.stringContaining(`${address} lies in no bridge network`)]);
  const probing = (decoy: string) =>
    world.home.file(
      'probing.yaml',
      `name: probing\nkind: adversarial-probe\ntargets: { labels: { pitwall.test: ${world.box.id} } }\nsafety: { maxTargets: 60 }\nparams: { decoy: "${decoy}" }\n`,
    );
  for (const decoy of ['198.51.100.7:443', address]) {
    const { exitCode, stderr } = await world.home.call('plan', probing(decoy));
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`params.decoy: ${decoy} lies in no bridge network`)]);
  }
  const own = await docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', world.box.name('decoy'));
  expect((await world.home.call('plan', probing(`${own}:8080`))).exitCode).toBe(0);
  const bad = await world.home.call('validate', world.drill('policy: { allow: [{ from: web, to: web, port: 0 }] }', 'bad.yaml'));
  expect([bad.exitCode, /bad\.yaml:\d+:\d+ params\.policy\.allow\[0\]\.port: 0 is not a port/.test(bad.stderr + bad.stdout)]).toEqual([
    2,
    true,
  ]);
});
