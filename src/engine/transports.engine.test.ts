import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capabilities } from './capabilities.ts';
import { connectEngine } from './connect.ts';
import { openEngines } from './engines.ts';
import { bench, clock, engineHost } from './testkit.ts';
import { certificate } from './testkit-certificate.ts';

const { engine, run, sweep } = bench();
let folder: string;
let id: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pitwall-transport-'));
  id = await run('far');
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await sweep();
});

const socket = () => engineHost().replace('unix://', '');

describe('TCP with TLS', () => {
  let port: number;
  let stop: () => void;
  const pem = (name: string) => join(folder, `${name}.pem`);

  beforeAll(async () => {
    await certificates();
    const server = createServer(
      {
        ca: await readFile(pem('ca')),
        cert: await readFile(pem('server')),
        key: await readFile(pem('server-key')),
        requestCert: true,
        rejectUnauthorized: true,
        // A client that has sent all of its stdin closes its half, and waits for the rest.
        allowHalfOpen: true,
      },
      (client) => {
        const through = dial(socket());
        for (const end of [client, through]) end.on('error', () => {}).on('close', () => [client, through].map((each) => each.destroy()));
        client.pipe(through).pipe(client);
      },
    );
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    stop = () => server.close();
  });
  afterAll(() => stop());

  const secured = (tls: { ca?: string; cert?: string; key?: string }, host = '127.0.0.1') =>
    connectEngine({ name: 'far', host: `tcp://${host}:${port}`, environment: 'staging', tls }, { clock });

  test('asks, acts and runs as over the socket', async () => {
    const far = secured({ ca: pem('ca'), cert: pem('client'), key: pem('client-key') });
    expect((await far.info()).id).toBe((await engine.info()).id);
    expect(await far.exec(id, ['cat'], { stdin: 'over TLS' })).toMatchObject({ exitCode: 0, stdout: 'over TLS' });
    await far.restart(id);
    await far.close();
  });

  test('an authority that is not ours, a missing client certificate and a wrong name are refused', async () => {
    const stranger = secured({ ca: pem('other-ca'), cert: pem('client'), key: pem('client-key') });
    await expect(stranger.info()).rejects.toMatchObject({ code: 'engine_unreachable', hint: expect.stringContaining('certificate') });
    await expect(secured({ ca: pem('ca') }).info()).rejects.toMatchObject({ code: 'engine_unreachable' });
    const misnamed = secured({ ca: pem('ca'), cert: pem('client'), key: pem('client-key') }, 'localhost');
    await expect(misnamed.info()).rejects.toMatchObject({ code: 'engine_unreachable', hint: expect.stringContaining('certificate') });
  });

  test('a file that cannot be read is named', async () => {
    await expect(secured({ ca: join(folder, 'nowhere.pem') }).info()).rejects.toMatchObject({
      code: 'engine_refused',
      message: expect.stringContaining('nowhere.pem'),
    });
  });

  async function certificates(): Promise<void> {
    const [ca, other] = [certificate('ca'), certificate('other-ca')];
    const made = { ca, 'other-ca': other, server: certificate('server', ca, '127.0.0.1'), client: certificate('client', ca) };
    for (const [name, { cert, key }] of Object.entries(made)) {
      await writeFile(pem(name), cert);
      await writeFile(pem(`${name}-key`), key);
    }
  }
});

describe('SSH', () => {
  /** In ssh's place a program that notes its arguments and then is `docker system dial-stdio` on the other side. */
  async function standIn(body: string): Promise<NodeJS.ProcessEnv> {
    const bin = await mkdtemp(join(folder, 'bin-'));
    await writeFile(join(bin, 'ssh'), `#!${process.execPath}\n${body}`);
    await chmod(join(bin, 'ssh'), 0o755);
    return { PATH: `${bin}${delimiter}${process.env.PATH}` };
  }

  test('asks, acts, runs and follows through the pipes of ssh', async () => {
    const env = await standIn(`
      require('fs').appendFileSync(${JSON.stringify(join(folder, 'argv'))}, process.argv.slice(2).join(' ') + '\\n');
      const through = require('net').connect(${JSON.stringify(socket())});
      process.stdin.pipe(through).pipe(process.stdout);
    `);
    const far = connectEngine({ name: 'far', host: 'ssh://ops@staging-1:2222', environment: 'staging' }, { clock, env });
    expect((await far.info()).id).toBe((await engine.info()).id);
    expect(await far.exec(id, ['cat'], { stdin: 'over SSH' })).toMatchObject({ exitCode: 0, stdout: 'over SSH' });
    expect((await far.exec(id, ['head', '-c', '2000000', '/dev/zero'], { maxBytes: 3_000_000 })).stdout).toHaveLength(2_000_000);
    await Promise.all(Array.from({ length: 4 }, () => far.inspect(id)));
    await expect(far.exec(id, ['sleep', '9'], { timeoutMs: 300 })).rejects.toMatchObject({ lost: false });
    await far.close();
    const argv = (await readFile(join(folder, 'argv'), 'utf8')).split('\n')[0];
    expect(argv).toBe(
      '-T -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=3 -l ops -p 2222 -- staging-1 docker system dial-stdio',
    );
  });

  test('what ssh complains of is the message', async () => {
    const env = await standIn(`console.error('Host key verification failed.'); process.exit(255);`);
    const far = connectEngine({ name: 'far', host: 'ssh://staging-1', environment: 'staging' }, { clock, env });
    await expect(far.info()).rejects.toMatchObject({
      code: 'engine_unreachable',
      message: expect.stringContaining('Host key verification failed.'),
    });
    const none = connectEngine({ name: 'far', host: 'ssh://staging-1', environment: 'staging' }, { clock, env: { PATH: folder } });
    await expect(none.info()).rejects.toMatchObject({
      code: 'engine_unreachable',
      message: expect.stringContaining('ssh cannot be started'),
    });
  });
});

test('several engines: one that is gone holds up none of the others', async () => {
  const engines = openEngines(
    [
      { name: 'here', host: engineHost(), environment: 'ci' },
      { name: 'gone', host: 'unix:///nowhere.sock', environment: 'staging' },
    ],
    { clock },
  );
  const lists = await Promise.allSettled(engines.all.map((each) => each.list()));
  expect(lists.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(engines.get('gone').environment).toBe('staging');
  expect(() => engines.get('other')).toThrow('there is no engine named "other"; there are: here, gone');
  expect(() =>
    openEngines(
      [
        { name: 'a', host: 'unix:///a', environment: null },
        { name: 'a', host: 'unix:///b', environment: null },
      ],
      { clock },
    ),
  ).toThrow('two engines are named "a"');
  await engines.close();
});

test('capabilities: what this engine says', async () => {
  const info = await engine.info();
  const facts = new Map((await capabilities(engine)).map((fact) => [fact.name, fact]));
  expect(facts.get('api')).toMatchObject({ state: 'yes', detail: expect.stringContaining(info.apiVersion) });
  expect(facts.get('experimental')?.state).toBe(info.experimental ? 'yes' : 'no');
  expect(facts.get('criu')?.state).toBe(info.experimental && !info.rootless ? 'unknown' : 'no');
  expect(facts.get('free_disk')?.detail).toContain(info.rootDir);
  const off = await capabilities({
    host: 'tcp://far',
    info: async () => ({ ...info, experimental: false, liveRestore: false, cgroupVersion: null, securityOptions: ['name=apparmor'] }),
  });
  expect(off.filter(({ state }) => state !== 'yes').map(({ name, state }) => `${name} ${state}`)).toEqual([
    'experimental no',
    'criu no',
    'live_restore no',
    'cgroup_v2 unknown',
    'rootless no',
    'swarm no',
    'seccomp no',
    'user_namespaces no',
    'free_disk unknown',
  ]);
});
