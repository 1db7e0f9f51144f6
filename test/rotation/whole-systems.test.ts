import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newSecret } from '../../src/domain/secret.ts';
import type { RunRecord } from '../../src/domain/words.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';
import { program } from './deliver-lab.ts';
import { type JwtLab, openJwtLab } from './jwt-services.ts';
import { openTlsLab, servername, type TlsLab } from './tls-servers.ts';

/** Each system through the whole command: its rotation passes with its times, and a planted fault is found by name. */
// a whole drill each, on whatever machine
vi.setConfig({ testTimeout: 180_000 });

let home: Pitwall;
const admin = newSecret().reveal();
beforeAll(() => {
  home = pitwall({ REDIS_ADMIN: admin });
});
afterAll(() => home?.[Symbol.dispose]());

const found = ({ findings }: RunRecord, probe: string) =>
  findings.filter((one) => one.probe === probe).map(({ state, title, evidence }) => `${state}: ${title}: ${evidence}`);
const times = ({ measurements }: RunRecord) => measurements.map(({ name }) => name).filter((name) => name.startsWith('time_'));

/** `params` as JSON, which is YAML. */
async function run(project: string, services: readonly string[], params: object) {
  const drill = { name: 'whole', kind: 'secret-rotation', targets: { compose: { project, services } } };
  const all = { plan: 'leak', within: '5s', observe: '500ms', ...params };
  const { exitCode, record } = await home.run(home.file('whole.yaml', JSON.stringify({ ...drill, params: all })));
  return {
    exitCode,
    record,
    told: `${record.reason}\n${record.findings.map((one) => `${one.state} ${one.title}: ${one.evidence}`).join('\n')}`,
  };
}

describe('tokens, users and files', () => {
  let lab: JwtLab;
  const bind = (folder: string) => ({ ...lab.HostConfig, Binds: [folder] });
  beforeAll(async () => {
    lab = await openJwtLab();
  });
  afterAll(() => lab?.close());

  async function signed(name: string, hoards = false) {
    const { publicKey } = generateKeyPairSync('ed25519');
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'of-2024', use: 'sig', alg: 'EdDSA' }];
    await lab.issuer(`${name}-issuer`, { '/srv/jwks.json': JSON.stringify({ keys }) });
    for (const n of [1, 2]) await lab.verifier(name, `${name}-${n}`, `${name}-issuer`, { hoards: hoards && n === 2 });
    return run(lab.lab.mark, [name, `${name}-issuer`], {
      system: 'jwt',
      jwks: { file: '/srv/jwks.json', in: { service: `${name}-issuer` } },
      points: [{ service: name, port: 8081 }],
      purge: { reload: 'SIGHUP' },
      cache: '3s',
      algorithm: 'EdDSA',
      claims: { iss: 'issuer', aud: 'shop', sub: 'drill' },
    });
  }

  test('a signing key: its tokens are refused', async () => {
    const { exitCode, record, told } = await signed('api');
    expect([exitCode, told]).toEqual([0, told]);
    expect(found(record, 'ROT-token')).toHaveLength(2);
    expect(times(record)).toEqual(expect.arrayContaining(['time_to_tokens_refused', 'time_to_full_refusal']));
  });

  test('a signing key: who has the key set cached is named', async () => {
    const { exitCode, record, told } = await signed('cached', true);
    expect([exitCode, told]).toEqual([1, told]);
    expect(found(record, 'ROT-token').filter((one) => one.startsWith('broken'))).toEqual([
      expect.stringMatching(/cached:8081: still let in: JWKS cached: the old key is published no more .*-cached-2\)$/),
    ]);
  });

  test('a user of Redis', async () => {
    const app = newSecret().reveal();
    const id = await lab.replica('redis', 'redis', {}, { Image: 'pitwall-fixture/redis:1', Env: [`REDIS_ADMIN_PASSWORD=${admin}`] });
    await lab.lab.shell(id, `until redis-cli --user default -a ${admin} ping | grep -q PONG; do sleep 0.1; done`);
    await lab.lab.shell(id, `redis-cli --user default -a ${admin} acl setuser app on '>${app}' '~*' +@all -@admin`);
    const { exitCode, record, told } = await run(lab.lab.mark, ['redis'], {
      system: 'redis',
      server: { service: 'redis' },
      admin: { password: { env: 'REDIS_ADMIN' } },
      role: 'app',
    });
    expect([exitCode, told]).toEqual([0, told]);
    expect(times(record)).toEqual(expect.arrayContaining(['time_to_old_refused', 'time_to_sessions_dead', 'time_to_full_refusal']));
  });

  /** `alone`: the file itself is mounted, not its folder. */
  async function file(name: string, alone: boolean) {
    const folder = join(lab.lab.folder, name);
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'token'), `${newSecret().reveal()}\n`, { mode: 0o644 });
    const path = '/run/secrets/token';
    const HostConfig = bind(alone ? `${folder}/token:${path}:ro` : `${folder}:/run/secrets:ro`);
    const body = { Image: 'pitwall-demo/shop:1', Entrypoint: ['node', '-e', program, path, '', ''], Cmd: [], HostConfig };
    await lab.replica(name, name, {}, body);
    return run(lab.lab.mark, [name], {
      system: 'file',
      credential: 'real',
      service: name,
      path,
      take: { reload: 'SIGHUP' },
      points: [{ service: name, port: 8080 }],
    });
  }

  test('a token in a file', async () => {
    const { exitCode, record, told } = await file('folder', false);
    expect([exitCode, told]).toEqual([0, told]);
    expect(times(record)).toEqual(expect.arrayContaining(['time_to_old_refused', 'time_to_full_refusal']));
  });

  test('a token in a file that is mounted alone is said to never change', async () => {
    const { exitCode, told } = await file('alone', true);
    expect(exitCode).toBe(1);
    expect(told).toMatch(/still let in: .*\/run\/secrets\/token is a single-file mount, which keeps the file/);
  });
});

describe('TLS', () => {
  let lab: TlsLab;
  beforeAll(async () => {
    lab = await openTlsLab();
  });
  afterAll(() => lab?.close());

  async function servers(name: string, deaf = false) {
    const [old, fresh] = [lab.signed('old'), lab.signed('fresh')];
    await lab.ca(`${name}-ca`, `${name}-ca`, [fresh]);
    const files = { '/tls/server.crt': old.cert, '/tls/server.key': old.key };
    await lab.server(name, `${name}-1`, files);
    await lab.server(name, `${name}-2`, files, { deaf });
    return run(lab.lab.mark, [name, `${name}-ca`], {
      system: 'tls',
      credential: 'real',
      server: { service: name, port: 8443, servername },
      certificate: { server: { certificate: '/tls/server.crt', key: '/tls/server.key' } },
      take: { reload: 'SIGUSR2' },
      issue: { exec: ['sh', '/ca/issue'], in: { service: `${name}-ca` } },
    });
  }

  test('a server’s certificate', async () => {
    const { exitCode, record, told } = await servers('web');
    expect([exitCode, told]).toEqual([0, told]);
    expect(times(record)).toEqual(expect.arrayContaining(['time_to_old_refused', 'time_to_new_accepted', 'time_to_full_refusal']));
  });

  test('a listener that has the old one in memory is named', async () => {
    const { exitCode, record, told } = await servers('deaf', true);
    expect([exitCode, told]).toEqual([1, told]);
    expect(record.findings.filter(({ state }) => state === 'broken').map(({ target }) => target)).toContainEqual(
      expect.stringContaining('deaf-2'),
    );
  });
});
