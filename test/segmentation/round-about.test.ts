import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker } from '../support/containers.ts';
import { type Lab, lab, leftOf, type Seen } from './lab.ts';

/** The ways round a network: each is found where it is, and none where it is not. */
const apart = ['-o', 'com.docker.network.bridge.enable_icc=false'];
const sixth = () => `fd00:${Math.floor(Math.random() * 0xffff).toString(16)}:${Math.floor(Math.random() * 0xffff).toString(16)}::/64`;

interface Built {
  readonly world: Lab;
  readonly answer: Seen;
  readonly listener: Server | null;
  readonly port: number;
}

let wrong: Built;
let proper: Built;

beforeAll(async () => {
  wrong = await build(true);
  proper = await build(false);
}, 120_000);
afterAll(async () => {
  for (const { world, listener } of [wrong, proper]) {
    listener?.close();
    await world[Symbol.asyncDispose]();
  }
});

async function build(wrongly: boolean): Promise<Built> {
  const world = lab();
  const { box } = world;
  const [front, back, closed, six] = [
    await world.network('front'),
    await world.network('back'),
    await world.network('closed', '--internal'),
    'six',
  ];
  await world.network(six, '--ipv6', '--subnet', sixth(), ...apart);
  await docker('volume', 'create', '--label', box.label, box.name('data'));
  const mount = ['-v', `${box.name('data')}:/data${wrongly ? '' : ':ro'}`];
  await world.service('web', '--network', front, ...mount);
  await world.service('cache', '--network', back, '-v', `${box.name('data')}:/data`, ...(wrongly ? ['-p', '8080'] : []));
  await world.service('db', '--network', closed);
  await world.service('left', '--network', box.name(six), '--expose', '5353/udp');
  // without the second address family on it, what is apart by IPv4 is apart
  await world.service('right', '--network', wrongly ? box.name(six) : await world.network('other', ...apart));
  const [gateway = ''] = (await docker('network', 'inspect', '-f', '{{range .IPAM.Config}}{{.Gateway}}{{end}}', closed)).split('/');
  const listener = wrongly ? await listen(gateway) : null;
  const port = listener === null ? wrong.port : (listener.address() as { port: number }).port;
  return { world, answer: await world.run(policyFor(port)), listener, port };
}

/** What else the machine listens on, and what other tests publish, is not this test's. */
function policyFor(port: number): string {
  return `policy: { host: ["1-${port - 1}", "${port + 1}-65535"] }`;
}

/** The suite's processes are where the engine's host is. */
function listen(address: string): Promise<Server> {
  const server = createServer((socket) => socket.end());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, () => resolve(server));
  });
}

test('built wrong, each way round is found, and nothing else', () => {
  const { answer, port } = wrong;
  const { broken, exitCode } = answer;
  expect(broken).toEqual(
    [
      // published on every address of the host: whoever has a gateway that leads out of its network gets there
      'NET-06 left → cache:8080',
      'NET-06 right → cache:8080',
      'NET-06 web → cache:8080',
      `NET-05 db → host:${port}`,
      'NET-15 left → right:8080',
      'NET-15 right → left:8080',
      'NET-15 right → left:5353/udp',
      `FS-16 cache ↔ web: volume ${wrong.world.box.name('data')}`,
    ].toSorted(),
  );
  expect(exitCode).toBe(1);
  const bypass = answer.cells.filter(({ from, disagreement }) => from === 'web' && disagreement !== null);
  expect(
    new Set(bypass.map(({ to, declared, simulated, measured, disagreement }) => [to, declared, simulated, measured, disagreement].join())),
  ).toEqual(new Set(['cache,deny,deny,open,bypass']));
  expect(answer.cells.find(({ from, to, measured }) => from === 'left' && to === 'right' && measured === 'closed')?.address).toMatch(
    /^\d+\./,
  );
  expect(
    answer.cells.some(({ from, address }) => from === 'left' && address?.startsWith('fe80:') === true && address.includes('%eth')),
  ).toBe(true);
});

test('built properly, none is found, and what holds is said with its controls', () => {
  const { broken, record, exitCode, cells } = proper.answer;
  expect(broken).toEqual([]);
  expect([exitCode, record.verdict]).toEqual([0, 'passed']);
  expect(cells.filter(({ measured }) => measured === 'unknown')).toEqual([]);
  const holding = record.findings.filter(({ state }) => state === 'holds').map(({ title }) => title.replaceAll(/\d+/g, 'n'));
  expect(holding.filter((title) => title.endsWith('allowed open')).toSorted()).toEqual(
    ['cache', 'db', 'left', 'right', 'web'].map((name) => `${name}: n denied closed, n allowed open`),
  );
  // each other way that was tried in vain holds by itself: a finding of it could otherwise never be seen to have ended
  expect(holding).toEqual(expect.arrayContaining(['cache: IPvn, n of n denied and closed', 'cache: what it writes to is its own']));
});

test('nothing is left, and nothing was changed', async () => {
  for (const { answer, world } of [wrong, proper]) {
    expect(await leftOf(answer.record.id)).toBe('');
    expect(await docker('diff', world.box.name('web'))).not.toContain('probe');
    expect(await docker('exec', world.box.name('web'), 'ls', '/sys/class/net')).toBe('eth0\nlo');
  }
});
