import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Command, Door, Prober, Sample, Series } from '../../src/checks/prober/contract.ts';
import { openProber } from '../../src/checks/prober/open-prober.ts';
import { nodePath } from '../../src/container/node-runtime.ts';
import { newSecret, Secret } from '../../src/domain/secret.ts';
import { type Certificate, certificate } from '../../src/engine/testkit-certificate.ts';
import { realClock } from '../checks/scope.ts';
import { openLab } from '../helper/lab.ts';

export type ProberLab = Awaited<ReturnType<typeof openProberLab>>;

/** A network with a PostgreSQL, a Redis that also speaks TLS and asks for certificates, an HTTP server and TLS servers of Node's, and somebody to probe from. */
export async function openProberLab() {
  const lab = await openLab('prober');
  const { reference } = await lab.image({ build: await lab.build() });
  const network = `${lab.mark}-net`;
  await lab.network('net');
  const HostConfig = { NetworkMode: network };
  const admin = newSecret();
  const authority = certificate('authority');
  const server = certificate('server', authority, 'server');
  const node = (name: string, script: string) =>
    // of the helper image for its node; no helper, whatever the image's labels say
    lab.run(name, {
      Image: reference,
      Entrypoint: [nodePath, '-e', script],
      User: '65534:65534',
      HostConfig,
      Labels: { 'pitwall.instance': '' },
    });
  const [postgres, redis] = await Promise.all([
    lab.run('postgres', { Image: 'pitwall-fixture/postgres:1', Env: [`POSTGRES_PASSWORD=${admin.reveal()}`], HostConfig }),
    lab.run('redis', {
      Image: 'pitwall-fixture/redis:1',
      Env: [`REDIS_ADMIN_PASSWORD=${admin.reveal()}`, `CERT=${server.cert}`, `KEY=${server.key}`, `CA=${authority.cert}`],
      Entrypoint: ['sh', '-c', redisWithTls],
      HostConfig,
    }),
    node('http', httpScript),
    node('tls', tlsScript(server)),
  ]);
  const from = await lab.run('from', { HostConfig });
  const open = (container = { id: from, name: `${lab.mark}-from` }) =>
    openProber(container, {
      engine: lab.engine,
      clock: realClock,
      helperImage: () => Promise.resolve({ reference }),
      runId: '01JD0000000000000000000000',
      instance: lab.instance,
      signal: new AbortController().signal,
    });
  const prober = await open();
  const host = (name: string) => `${lab.mark}-${name}`;
  const doors = {
    postgres: (user: string): Door => ({ protocol: 'postgresql', host: host('postgres'), port: 5432, database: 'postgres', user }),
    redis: (user: string | null): Door => ({ protocol: 'redis', host: host('redis'), port: 6379, user }),
    http: (path: string): Door => ({
      protocol: 'http',
      url: `http://${host('http')}:8080${path}`,
      header: 'authorization: Bearer {secret}',
    }),
    redisTls: (ca: string | null = authority.cert): Door => ({
      protocol: 'tls',
      host: host('redis'),
      port: 6380,
      servername: 'server',
      ca,
    }),
    nodeTls: (port: number): Door => ({ protocol: 'tls', host: host('tls'), port, servername: 'server', ca: authority.cert }),
    presented: (name: string, port: number): Door => ({ protocol: 'tls-server', host: host(name), port, servername: 'server' }),
  };
  /** Of every protocol but the server's own. */
  const wrongDoors = (name: string, port: number): Door[] => {
    const to = { host: host(name), port };
    const header = 'authorization: {secret}';
    const all: readonly (readonly [of: string, door: Door])[] = [
      ['postgres', { protocol: 'postgresql', ...to, database: 'postgres', user: 'postgres' }],
      ['redis', { protocol: 'redis', ...to, user: 'somebody' }],
      ['http', { protocol: 'http', url: `http://${to.host}:${port}/`, header }],
      ['http', { protocol: 'http', url: `https://${to.host}:${port}/`, header }],
      ['tls', { protocol: 'tls-server', ...to, servername: 'server' }],
    ];
    return all.filter(([of]) => of !== name).map(([, door]) => door);
  };
  const asAdmin = async (door: Door, ...commands: Command[]) => {
    const answers = await prober.command(door, admin, commands);
    const failed = answers.find((answer) => !answer.ok);
    if (failed !== undefined) throw new Error(`a command of the test's own failed: ${JSON.stringify(failed)}`);
    return answers.map((answer) => (answer.ok ? answer.rows : []));
  };

  const made = {
    lab,
    prober,
    open,
    doors,
    wrongDoors,
    admin,
    authority,
    server,
    ids: { postgres, redis, from },
    /** One attempt: what came of it and the code. */
    async once(door: Door, secret: Secret, timeoutMs = 3_000) {
      const { answer, code } = await prober.once({ door, secret, mode: 'login', timeoutMs });
      return [answer, code];
    },
    sql: (...texts: string[]) => asAdmin(doors.postgres('postgres'), ...texts.map((text) => ({ text }))),
    redisDo: (...lines: string[]) =>
      asAdmin(
        doors.redis(null),
        ...lines.map((line) => {
          const [text = '', ...values] = line.split(' ');
          return { text, values };
        }),
      ),
    async close() {
      await prober.close();
      await lab.close();
    },
  };
  await eventually(() => made.once(doors.postgres('postgres'), admin), 'accepted');
  await eventually(() => made.once(doors.redis(null), admin), 'accepted');
  await eventually(() => made.once(doors.http('/ok'), new Secret('right')), 'accepted');
  return made;
}

async function eventually(ask: () => Promise<unknown[]>, answer: Answer): Promise<void> {
  for (let i = 0; ; i++) {
    const said = await ask();
    if (said[0] === answer) return;
    if (i > 100) throw new Error(`still ${String(said)}`);
    await sleep(100);
  }
}

/** The first sample of a series that is so; fails after 10 s. */
export async function seen(series: Series, is: (sample: Sample) => boolean): Promise<Sample> {
  for (let i = 0; i < 200; i++) {
    const found = series.samples().find(is);
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`not seen among ${JSON.stringify(series.samples().slice(-3))}`);
}

/** What the system said when it ended: on a machine that stalls, attempts without an answer in time may come before. */
export function endOf(series: Series, since = 0): Promise<Sample> {
  return seen(series, ({ answer, code, startedAt }) => answer !== 'accepted' && code !== 'timeout' && startedAt > since);
}

export function clientOf(issuer: Certificate): Secret {
  const { cert, key } = certificate('client', issuer);
  return new Secret(`${cert}${key}`);
}

export async function watch(
  prober: Prober,
  door: Door,
  secret: Secret,
  mode: 'login' | 'session' = 'login',
  timeoutMs = 1_000,
): Promise<Series> {
  const series = prober.start({ door, secret, mode, everyMs: 100, timeoutMs });
  await seen(series, (sample) => sample.answer === 'accepted');
  return series;
}

const redisWithTls = `cd /tmp; printf %s "$CERT" >cert; printf %s "$KEY" >key; printf %s "$CA" >ca
exec /entry.sh --tls-port 6380 --tls-cert-file /tmp/cert --tls-key-file /tmp/key --tls-ca-cert-file /tmp/ca --tls-auth-clients yes`;

const httpScript = `require('node:http').createServer((request, response) => {
  const status = Number(request.url.slice(1));
  if (status) response.writeHead(status, status === 302 ? { location: '/ok' } : {}).end('no');
  else if (request.url === '/hang') return;
  else response.writeHead(request.headers.authorization === 'Bearer right' ? 200 : 401).end('something');
}).listen(8080)`;

/** 9443: asks for a certificate as Node does, and hangs up on one that it does not know. 9444: asks for none. */
const tlsScript = ({ cert, key }: Certificate) => `const tls = require('node:tls');
const own = { cert: ${JSON.stringify(cert)}, key: ${JSON.stringify(key)} };
const open = (socket) => socket.on('error', () => {}).resume();
tls.createServer({ ...own, requestCert: true, rejectUnauthorized: true, ca: own.cert }, open).on('tlsClientError', () => {}).listen(9443);
tls.createServer(own, open).on('tlsClientError', () => {}).listen(9444);`;
