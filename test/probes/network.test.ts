import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodePath } from '../../src/container/node-runtime.ts';
import { network } from '../../src/probes/catalogue/network.ts';
import type { Outside } from '../../src/probes/probe.ts';
import { networkReferences } from '../../src/probes/references/network.ts';
import { docker } from '../support/containers.ts';
import { openProbeLab, type ProbeLab } from './lab.ts';

/** Answers HTTP at 80, and every question for a name with one address. */
const decoyProgram = `
  require('http').createServer((_, answer) => { answer.statusCode = 401; answer.end(); }).listen(80, () => names.bind(53, () => console.log('ready')));
  const names = require('dgram').createSocket('udp4');
  names.on('message', (q, from) => {
    let end = 12; while (q[end]) end += q[end] + 1;
    const head = Buffer.from([q[0], q[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    names.send(Buffer.concat([head, q.subarray(12, end + 5), Buffer.from('c00c000100010000003c00047f000035', 'hex')]), from.port, from.address);
  });
  process.on('SIGTERM', () => process.exit());
`;
const all = network.map(({ id }) => id);
const rest = { Cmd: ['sleep', '300'] };
const httpd = (port: number) => `busybox httpd -f -p ${port} -h /`;

let lab: ProbeLab;
let outside: Outside;
const nets: Record<string, { id: string; name: string; gateway: string }> = {};
const net = (name: string) => nets[name] ?? { id: '', name: '', gateway: '' };
const at = (name: string) => ({ HostConfig: { NetworkMode: net(name).name } });
const privileged = 600 + Math.floor(Math.random() * 400);

beforeAll(async () => {
  lab = await openProbeLab('network');
  for (const [name, Internal] of [
    ['open', false],
    ['inner', true],
    ['outer', true],
  ] as const) {
    const id = await lab.engine.createNetwork(`${lab.mark}-${name}`, { Labels: lab.labels, Internal });
    const gateway = (await lab.engine.inspectNetwork(id)).IPAM.Config?.[0]?.Gateway ?? '';
    nets[name] = { id, name: `${lab.mark}-${name}`, gateway };
  }
  const decoy = await lab.run('decoy', {
    ...at('outer'),
    ...ofHelper(decoyProgram),
    User: '0:0',
  });
  const { Networks } = (await lab.engine.inspect(decoy)).NetworkSettings;
  const address = Networks[net('outer').name]?.IPAddress ?? '';
  outside = { decoy: `${address}:80`, answers: true };
  // what listens on the host itself: only where our own networks end
  const services = [`${net('open').gateway}:2375`, `${net('inner').gateway}:9100`].map(
    (where) => `busybox httpd -p ${where} -h /tmp/engine`,
  );
  await lab.run('host-services', {
    Cmd: ['sh', '-c', ['mkdir -p /tmp/engine; echo OK >/tmp/engine/_ping', ...services, 'sleep 300'].join('; ')],
    HostConfig: { NetworkMode: 'host' },
  });
  await lab.run('published', {
    Cmd: ['sh', '-c', httpd(80)],
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { PortBindings: { '80/tcp': [{ HostIp: net('open').gateway, HostPort: '8080' }] } },
  });
  await Promise.all([
    says(decoy),
    listening('host-services', `${net('open').gateway}:2375`, `${net('inner').gateway}:9100`),
    listening('published', ':80'),
  ]);
}, 90_000);
afterAll(() => lab.close());

/** Resolves once all of these are listened on: that a container has started says nothing of it. */
async function listening(name: string, ...where: readonly string[]): Promise<void> {
  const each = where.map((one) => `netstat -ltn | grep -q '${one} '`).join(' && ');
  await lab.shell(`${lab.mark}-${name}`, `until ${each}; do sleep 0.05; done`);
}

/** Resolves once it has said that it is ready. */
async function says(id: string): Promise<void> {
  while (!(await docker('logs', id)).includes('ready')) await setTimeout(50);
}

/** Without the labels of what is Pitwall's own. */
function ofHelper(...program: string[]) {
  const Labels = { 'pitwall.instance': '', 'pitwall.role': '' };
  return { Image: lab.shop.helperImage, Entrypoint: [nodePath, '-e', ...program], Cmd: [], Labels };
}

async function states(container: string, given?: Outside): Promise<Record<string, string>> {
  const { evaluated } = await lab.probe(container, all, given === undefined ? {} : { outside: given });
  const differing = evaluated.filter(({ answer }) => answer.disagreement !== undefined);
  expect(differing.map(({ probe, answer }) => `${probe.id} ${answer.disagreement}`)).toEqual([]);
  return Object.fromEntries(evaluated.map(({ probe, answer }) => [probe.id, answer.state]));
}

test('every one of them is seen red where its weakness is planted', async () => {
  const tested = await lab.selfTest(all, { outside });
  expect(Object.fromEntries([...tested].map(([id, { outcome, reason }]) => [id, outcome === 'red' ? 'red' : reason]))).toEqual({
    ...Object.fromEntries(all.map((id) => [id, 'red'])),
    'NET-18': expect.stringContaining('swarm'),
  });
});

test('three containers get the answers that are right', async () => {
  const hardened = await lab.run('hardened', {
    Cmd: ['sh', '-c', httpd(8080)],
    User: '65534:65534',
    ExposedPorts: { '8080/tcp': {} },
    HostConfig: {
      NetworkMode: net('outer').name,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 64,
      Memory: 64 * 1024 * 1024,
      PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
    },
  });
  const plain = await lab.run('plain', rest);
  const weak = await lab.run('weak', {
    Cmd: ['sh', '-c', `${httpd(22)} & ${httpd(2222)} & exec ${httpd(80)}`],
    ExposedPorts: { '80/tcp': {} },
    HostConfig: {
      CapAdd: ['NET_ADMIN', 'SYS_PTRACE'],
      SecurityOpt: ['seccomp=unconfined'],
      PortBindings: { '80/tcp': [{ HostIp: '', HostPort: String(privileged) }] },
    },
  });
  for (const name of ['open', 'outer']) await lab.engine.connect(net(name).id, weak, {});
  // the decoy is on the network of the hardened one for the gateway's sake; for what leaves, one without it is asked
  const away = await lab.run('away', { ...rest, User: '65534:65534', HostConfig: { NetworkMode: net('inner').name, CapDrop: ['ALL'] } });

  await Promise.all([listening('hardened', ':8080'), listening('weak', ':22', ':2222', ':80')]);
  const hostOpen = await lab.shell(
    `${lab.mark}-host-services`,
    `netstat -ltn | awk '$4 ~ /^(0\\.0\\.0\\.0|::):/ { sub(".*:", "", $4); print $4 }' | grep -xE '22|80|2375|2376|2377|3000|5432|6379|8080|9100|9323'; true`,
  );
  const [ofHardened, ofPlain, ofWeak, ofAway] = await Promise.all([
    states(hardened),
    states(plain, outside),
    states(weak, outside),
    states(away, outside),
  ]);
  const left = { 'NET-01': 'not-applicable', 'NET-02': 'not-applicable', 'NET-03': 'not-applicable' };
  const holding = Object.fromEntries(all.map((id) => [id, 'holds']));
  expect(ofHardened).toEqual({
    ...holding,
    ...left, // nothing was to leave the host
    'NET-05': hostOpen === '' ? 'holds' : 'broken',
    'NET-18': 'not-applicable', // no overlay network
  });
  expect(ofPlain).toEqual({
    ...holding, // what leaves: an internal network is closed to it, and the decoy there is known to answer
    'NET-05': hostOpen === '' ? 'holds' : 'broken',
    'NET-10': 'broken',
    'NET-12': 'broken', // Docker gives root NET_RAW
    'NET-13': 'broken',
    'NET-18': 'not-applicable',
  });
  expect(ofWeak).toEqual({
    ...Object.fromEntries(all.map((id) => [id, 'broken'])),
    'NET-09': 'holds', // it is not in the host's network; the next test has one that is
    'NET-18': 'not-applicable',
  });
  expect(ofAway).toMatchObject({
    'NET-01': 'holds', // no route
    'NET-02': 'holds',
    'NET-03': 'holds',
    'NET-05': 'broken', // an internal network ends at the host all the same, where something listens at 9100
    'NET-11': 'holds',
  });
});

test('the host’s network is told from the API and from what the kernel shows, also where another container lends it', async () => {
  const lender = await lab.run('lender', { ...rest, HostConfig: { NetworkMode: 'host' } });
  const guest = await lab.run('guest', { ...rest, HostConfig: { NetworkMode: `container:${lender}` } });
  const ids = ['NET-05', 'NET-07', 'NET-09', 'NET-10', 'NET-11', 'NET-12', 'NET-16'];
  const [ofLender, ofGuest] = await Promise.all([lender, guest].map(async (id) => lab.probe(id, ids)));
  const said = (probed: typeof ofLender) =>
    Object.fromEntries(probed?.evaluated.map(({ probe, answer }) => [probe.id, answer.state]) ?? []);
  expect(said(ofLender)).toEqual({
    'NET-05': 'broken', // host-services listens there
    'NET-07': 'not-applicable',
    'NET-09': 'broken',
    'NET-10': 'not-applicable',
    'NET-11': 'inconclusive',
    'NET-12': 'broken',
    'NET-16': 'inconclusive',
  });
  expect(said(ofGuest)).toMatchObject({ 'NET-05': 'inconclusive', 'NET-09': 'broken', 'NET-11': 'inconclusive' });
  // as if the API did not know: the interfaces alone
  const facts = { inspect: { ...(await lab.engine.inspect(guest)), HostConfig: { NetworkMode: 'bridge' } } };
  const probe = network.find(({ id }) => id === 'NET-09');
  const networks = await lab.engine.networks();
  const [bridge = ''] = networks.filter(({ Name }) => Name === net('open').name).map(({ Id }) => `br-${Id.slice(0, 12)}`);
  expect(ofLender?.evaluated.find((one) => one.probe.id === 'NET-09')?.answer.evidence).toContain(bridge);
  expect(probe?.judge({ ...facts, others: [], host: { networks }, seen: { interfaces: ['lo', bridge] } } as never)).toMatchObject({
    state: 'broken',
    disagreement: expect.stringContaining('bridge'),
  });
});

test('silence and refusals prove nothing by themselves', async () => {
  const plain = await lab.run('silent', rest);
  const near = await lab.run('near', { ...rest, ...at('outer') });
  const { decoy } = outside as { decoy: string };
  const shut = { outside: { decoy: decoy.replace(/:80$/, ':81'), answers: true } };
  const [unknown, refused, asked] = await Promise.all([
    lab.probe(plain, ['NET-01', 'NET-02', 'NET-03'], { outside: { decoy } }),
    lab.probe(near, ['NET-01', 'NET-02'], shut),
    lab.probe(near, ['NET-01', 'NET-02', 'NET-03']),
  ]);
  expect(unknown.evaluated.map(({ answer }) => answer.state)).toEqual(['inconclusive', 'inconclusive', 'inconclusive']);
  expect(refused.evaluated.map(({ answer }) => answer.state)).toEqual(['holds', 'inconclusive']);
  expect(refused.evaluated[1]?.answer.evidence).toContain('refused');
  // what was not asked for sends nothing
  expect(asked.evaluated.map(({ raw }) => raw)).toEqual([[], [], []]);
  await expect(lab.ask(near, 'NET-02', { outside: { decoy: 'decoy.example:80' } })).rejects.toThrow('not an address');
});

test('a gateway that the API does not name is asked, and a published port there is no service of the host', async () => {
  const { evaluated } = await lab.probe(await lab.run('beside', { ...rest, ...at('open') }), ['NET-05']);
  const [one] = evaluated;
  expect(one?.raw[0]?.output).toContain(`${net('open').gateway} 8080 0`);
  expect(one?.answer.evidence).toMatch(new RegExp(`^the host answers at ${net('open').gateway}:2375 `));
  const Subnet = `10.${100 + Math.floor(Math.random() * 100)}.${Math.floor(Math.random() * 256)}.0/24`;
  const id = await lab.engine.createNetwork(`${lab.mark}-bare`, { Labels: lab.labels, Internal: true, IPAM: { Config: [{ Subnet }] } });
  expect((await lab.engine.inspectNetwork(id)).IPAM.Config?.[0]?.Gateway).toBeUndefined();
  const asked = await lab.probe(await lab.run('bare', { ...rest, HostConfig: { NetworkMode: `${lab.mark}-bare` } }), ['NET-05']);
  expect(asked.evaluated[0]?.raw[0]?.output).toContain(Subnet.replace('.0/24', '.1 22 '));
});

test('what is allowed holds, and listeners on loopback or that its lender declares do not count', async () => {
  const both = ['sh', '-c', `busybox httpd -p 127.0.0.1:9000 -h /; exec ${httpd(7000)}`];
  const [listens, lends] = await Promise.all([
    lab.run('listens', { Cmd: both, ...at('inner') }),
    lab.run('lends', { Cmd: both, ...at('inner'), ExposedPorts: { '7000/tcp': {} } }),
  ]);
  await Promise.all(['listens', 'lends'].map((name) => listening(name, ':9000', ':7000')));
  const borrows = await lab.run('borrows', { ...rest, HostConfig: { NetworkMode: `container:${lends}` } });
  const allowed = { allow: { capabilities: ['CAP_NET_RAW'], listeners: [7000] } };
  const [undeclared, fine, borrowed] = await Promise.all([
    lab.ask(listens, 'NET-16'),
    lab.probe(listens, ['NET-12', 'NET-13', 'NET-14', 'NET-16'], allowed),
    lab.ask(borrows, 'NET-16'),
  ]);
  expect(undeclared).toEqual(['broken', expect.stringMatching(/on 7000,/)]);
  expect(fine.evaluated.map(({ answer }) => answer.state)).toEqual(['holds', 'holds', 'holds', 'holds']);
  expect(fine.evaluated.at(-1)?.answer.evidence).toContain('loopback 9000');
  expect(borrowed[0]).toBe('holds');
});

test('what is bound on UDP counts, declared for UDP; a port that a client may have been given is not told from a server’s', async () => {
  const bind = (port: number) =>
    ofHelper(
      `require('dgram').createSocket('udp4').bind(${port}, () => console.log('ready')); process.on('SIGTERM', () => process.exit())`,
    );
  const [open, asTcp, declared, client] = await Promise.all([
    lab.run('udp', { ...at('inner'), ...bind(161) }),
    lab.run('udp-as-tcp', { ...at('inner'), ...bind(161), ExposedPorts: { '161/tcp': {} } }),
    lab.run('udp-declared', { ...at('inner'), ...bind(161), ExposedPorts: { '161/udp': {} } }),
    lab.run('udp-any', { ...at('inner'), ...bind(0) }),
  ]);
  const every = [open, asTcp, declared, client];
  await Promise.all(every.map(says));
  expect(await Promise.all(every.map((id) => lab.ask(id, 'NET-16')))).toEqual([
    ['broken', expect.stringContaining('161/udp')],
    ['broken', expect.stringContaining('161/udp, which it does not declare')],
    ['holds', expect.stringContaining('it listens on 161/udp, all declared')],
    ['inconclusive', expect.stringMatching(/^whether \d+\/udp/)],
  ]);
});

test('an SSH server is known by its name, also where it listens elsewhere', async () => {
  const program =
    "process.title = 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups'; console.log('ready'); setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit())";
  const ssh = await lab.run('ssh', ofHelper(program, 'x'.repeat(80)));
  await says(ssh);
  expect((await lab.ask(ssh, 'NET-17'))[0]).toBe('broken');
});

test('one that was never started is judged by what it was created with', async () => {
  const create = async (name: string, HostConfig: Record<string, unknown>) =>
    (
      await lab.engine.create(`${lab.mark}-${name}`, {
        Image: 'pitwall-fixture/busybox:1',
        ...rest,
        Labels: lab.labels,
        ExposedPorts: { '80/tcp': {} },
        HostConfig,
      })
    ).id;
  const pipeline = await create('pipeline', { PublishAllPorts: true, NetworkMode: net('inner').name });
  const privileged = await create('privileged', { Privileged: true });
  const judged = async (id: string) => {
    const { evaluated } = await lab.probe(id, ['NET-07', 'NET-09', 'NET-12', 'NET-16', 'NET-17']);
    return evaluated.map(({ answer }) => answer.state);
  };
  expect(await judged(pipeline)).toEqual(['broken', 'holds', 'broken', 'not-applicable', 'not-applicable']);
  expect(await judged(privileged)).toEqual(['holds', 'holds', 'inconclusive', 'not-applicable', 'not-applicable']);
  expect(await lab.ask(pipeline, 'NET-07', { allow: { publishedPorts: [80] } })).toEqual(['broken', expect.stringContaining('any')]);
});

test('an overlay network without encryption is broken', () => {
  const probe = network.find(({ id }) => id === 'NET-18');
  const answer = (Options: Record<string, string>) =>
    probe?.judge({
      inspect: { NetworkSettings: { Networks: { mesh: {} } } },
      host: { networks: [{ Name: 'mesh', Driver: 'overlay', Options }] },
    } as never).state;
  expect([answer({}), answer({ encrypted: '' }), answer({ encrypted: 'false' })]).toEqual(['broken', 'holds', 'broken']);
});

test('a network that gives the host no address has no service of the host', () => {
  const judged = (Options: Record<string, string>) =>
    network
      .find(({ id }) => id === 'NET-05')
      ?.judge({
        inspect: { HostConfig: { NetworkMode: 'apart' }, NetworkSettings: { Networks: { apart: {} } } },
        host: { networks: [{ Name: 'apart', Driver: 'bridge', Options, IPAM: { Config: [] } }] },
        unattempted: null,
        dummySeen: {},
        step: () => null,
      } as never).state;
  expect([judged({ 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated' }), judged({})]).toEqual(['holds', 'inconclusive']);
});

test('what others call them is of probes that are there', () => {
  expect(Object.keys(networkReferences).filter((id) => !all.includes(id))).toEqual([]);
});
