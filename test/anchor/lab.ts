import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunRecord } from '../../src/domain/words.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';

export const image = 'pitwall-fixture/anchor:1';
export const orders = 12;
const idle = 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done';

/** A Compose project with a crypto-anchor on SoftHSM, which limits its use, and applications that keep their orders sealed. */
export interface Site extends AsyncDisposable {
  readonly box: Fixture;
  readonly anchor: string;
  /** What applications show to the anchor: never to be seen anywhere. */
  readonly tokens: readonly string[];
  /** An application `name` with sealed orders in a volume of that name; extra arguments go to `docker run`. */
  app(name: string, options?: { readonly args?: readonly string[]; readonly image?: string; readonly orders?: number }): Promise<string>;
  /** Prints what `anchorctl.js` says. */
  control(...args: string[]): Promise<string>;
}

/** ms of the anchor's window, and what it allows in it; to `small` less. */
const limit = { window: 2_000, operations: 30, small: 6 };
const names = ['api', 'other', 'small'];

export async function openSite(env: readonly string[] = []): Promise<Site> {
  const box = fixture();
  const tokens = names.map(() => randomBytes(16).toString('hex'));
  await docker('network', 'create', '--label', box.label, box.name('net'));
  const labels = (service: string) => [
    ...[box.label, 'pitwall.drills=all', `com.docker.compose.project=${box.id}`].flatMap((label) => ['--label', label]),
    '--label',
    `com.docker.compose.service=${service}`,
    '--network',
    box.name('net'),
    '--network-alias',
    service,
  ];
  const anchor = box.name('anchor');
  const apps = tokens.map((token, index) => `${names[index]}:${token}${names[index] === 'small' ? `:${limit.small}` : ''}`).join(',');
  const given = [`APPS=${apps}`, `LIMIT=${limit.operations}`, `WINDOW=${limit.window}`, ...env].flatMap((one) => ['--env', one]);
  await docker('run', '-d', '--name', anchor, ...labels('anchor'), ...given, image);
  await until(async () => (await docker('logs', anchor)).includes('listening'));
  return {
    box,
    anchor,
    tokens,
    async app(name, { args = [], image: from = image, orders: count = orders } = {}) {
      const volume = box.name(name);
      await docker('volume', 'create', '--label', box.label, volume);
      const token = tokens[Math.max(0, names.indexOf(name))];
      const own = ['--env', 'ANCHOR_URL=http://anchor:8200', '--env', `ANCHOR_TOKEN=${token}`];
      const id = await docker(
        'run',
        '-d',
        '--name',
        volume,
        ...labels(name),
        '-v',
        `${volume}:/orders`,
        ...own,
        ...args,
        from,
        'sh',
        '-c',
        idle,
      );
      await docker('exec', volume, 'node', 'write-orders.js', String(count));
      return id;
    },
    control: (...args) => docker('exec', anchor, 'node', 'anchorctl.js', ...args),
    [Symbol.asyncDispose]: () => box[Symbol.asyncDispose](),
  };
}

/** A key that somebody made outside of the anchor, PEM. */
export function ownKey(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

export function states(record: RunRecord): Record<string, string> {
  return Object.fromEntries(record.findings.map(({ probe, state }) => [probe, state]));
}

export function evidence(record: RunRecord, probe: string, target?: string): string {
  return record.findings.find((one) => one.probe === probe && (target === undefined || one.target === target))?.evidence ?? '';
}

/** Of targets of the site; `params` are lines beside the anchor and operate. */
export function drill(site: Site, services: readonly string[], params: readonly string[], rest = ''): string {
  return drillOn(`compose: { project: ${site.box.id}, services: [${services.join(', ')}] }`, params, rest);
}

export function drillOn(targets: string, params: readonly string[], rest = ''): string {
  const given = (key: string) => params.some((line) => line.startsWith(`${key}:`));
  const lines = [
    ...(given('anchor') ? [] : ['anchor: { service: anchor }']),
    ...(given('operate') ? [] : ['operate: { command: [node, read-orders.js, --count], records: stdout }']),
    ...params,
  ];
  return `name: anchor
kind: crypto-anchor
targets: { ${targets} }
params:
${lines.map((line) => `  ${line}\n`).join('')}${rest}
`;
}

export function steal(site: Site, name = 'api', more = ''): string {
  return `steal: { volumes: [${site.box.name(name)}], image: true, environment: true${more} }`;
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await isSo()) return;
    await sleep(100);
  }
  throw new Error('it did not become so');
}

/** Of Pitwall's own things those of this run: containers, volumes, networks. */
export async function leftOf(runId: string): Promise<string[]> {
  const filter = `label=pitwall.run=${runId}`;
  const all = [
    await docker('ps', '-aq', '--filter', filter),
    await docker('volume', 'ls', '-q', '--filter', filter),
    await docker('network', 'ls', '-q', '--filter', filter),
  ];
  return all.flatMap((text) => text.split('\n').filter(Boolean));
}

/** As small as can be: an anchor that serves a file to whoever asks, and an application that needs it to read its data. */
export interface SmallSite extends AsyncDisposable {
  readonly box: Fixture;
  /** A line of params. */
  readonly operate: string;
  /** `slowly`: it takes some seconds to come into effect. */
  cut(slowly?: boolean): string;
  readonly read: readonly string[];
}

export async function openSmallSite(): Promise<SmallSite> {
  const box = fixture();
  await docker('network', 'create', '--label', box.label, box.name('net'));
  for (const volume of ['data', 'other']) await docker('volume', 'create', '--label', box.label, box.name(volume));
  const service = (name: string) => [
    '--label',
    `com.docker.compose.project=${box.id}`,
    '--label',
    `com.docker.compose.service=${name}`,
    '--network',
    box.name('net'),
    '--network-alias',
    name,
    '--stop-timeout',
    '0',
  ];
  const serves = 'mkdir -p /w; test -e /w/gone || echo yes > /w/key; exec httpd -f -p 8200 -h /w';
  await Promise.all([
    box.run('anchor', ...service('anchor'), '--expose', '8200', '--', 'sh', '-c', serves),
    box.run('mute', ...service('mute')),
    box.run('down', ...service('down')),
    box.run('skipped', ...service('skipped'), '--label', 'pitwall.skip=true'),
    box.runPlain('closed', ...service('closed'), '--expose', '1'),
    box.run('app', ...service('app'), '-v', `${box.name('data')}:/data`),
  ]);
  await docker('stop', '-t', '0', box.name('down'));
  const script = 'test $(timeout 2 wget -q -O - http://anchor:8200/key) = yes && cat /data/count';
  await docker(
    'exec',
    box.name('app'),
    'sh',
    '-c',
    'echo 3 > /data/count; head -c 4096 /dev/urandom > /data/more; echo 3 > /tmp/only-here',
  );
  return {
    box,
    operate: `operate: { command: [sh, -c, "${script}"], records: stdout, timeout: 10s }`,
    cut: (slowly = false) =>
      `cut: { command: [sh, -c, "${slowly ? 'sleep 3; ' : ''}rm -f /w/key; touch /w/gone"], undo: [sh, -c, "rm -f /w/gone; echo yes > /w/key"] }`,
    read: ['sh', '-c', script],
    [Symbol.asyncDispose]: () => box[Symbol.asyncDispose](),
  };
}
