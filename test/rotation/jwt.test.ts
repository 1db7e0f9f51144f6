import { createPrivateKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { fields, jwt, type Params } from '../../src/drills/secret-rotation/systems/jwt/index.ts';
import { type JwtLab, openJwtLab } from './jwt-services.ts';
import { dyingEngine, rotate, type TestScope } from './system-lab.ts';

let lab: JwtLab;
beforeAll(async () => {
  lab = await openJwtLab();
});
afterAll(() => lab.close());

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const signingJwk = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'of-2024', alg: 'EdDSA' });
const published = `${JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'of-2024', use: 'sig', alg: 'EdDSA' }], note: 'ours' }, null, 3)}\n\n`;

/** An issuer, and verifiers; `deaf` is the second of them. */
async function site(name: string, { verifiers = 2, deaf = false } = {}) {
  const issuer = await lab.issuer(`${name}-issuer`, { '/srv/jwks.json': published, '/keys/signing.jwk': signingJwk });
  for (let n = 1; n <= verifiers; n += 1) await lab.verifier(name, `${name}-${n}`, `${name}-issuer`, { deaf: deaf && n === verifiers });
  const state = () => Promise.all([lab.state(issuer, '/srv'), lab.state(issuer, '/keys')]);
  return { issuer, state, before: await state() };
}

const paramsOf = (name: string, given: object = {}): Params =>
  z.strictObject(fields).parse({
    jwks: { file: '/srv/jwks.json', in: { service: `${name}-issuer` } },
    points: [{ service: name, port: 8081 }],
    purge: { reload: 'SIGHUP' },
    cache: '2s',
    algorithm: 'EdDSA',
    claims: { iss: 'issuer', aud: 'shop', sub: 'drill' },
    current: { kid: 'of-2024', key: { env: 'KEY' } },
    signing: { file: '/keys/signing.jwk', in: { service: `${name}-issuer` }, take: {} },
    ...given,
  }) as Params;

/** Neither the old private key nor what is now in the file is in what is kept and told. */
function expectSilent(scope: TestScope, data: unknown, also: string[] = []): void {
  const said = JSON.stringify([scope.events, data]);
  for (const value of [pem.split('\n')[1] ?? '', (JSON.parse(signingJwk) as JsonWebKey).d ?? '', ...also])
    expect(said).not.toContain(value);
}

test.concurrent('a canary key is leaked, and nobody takes its tokens any more', async () => {
  const { state, before } = await site('api');
  const scope = lab.scope();
  const { rotation, data } = await jwt.open(paramsOf('api'), scope);
  await rotation.prepare();
  const tokens = (await rotation.derived?.()) ?? [];
  const answers = async () => (await Promise.all(tokens.map(({ point, secret }) => lab.answers({ points: [point] }, secret)))).flat();
  expect(rotation.points.map(({ modes }) => modes)).toEqual([['token'], ['token']]);
  expect(await answers()).toEqual(['accepted', 'accepted']);

  await rotation.refuse();
  expect(await answers()).toEqual(['refused', 'refused']);
  const fresh = await rotation.issue();
  expect(await lab.answers(rotation, fresh.secret)).toEqual(['accepted', 'accepted']);
  expect(await answers()).toEqual(['refused', 'refused']);
  expect(scope.events).toEqual([]);
  expect(await rotation.clear()).toEqual([]);
  expect(await state()).toEqual(before);
  expect(await lab.answers(rotation, fresh.secret)).toEqual(['refused', 'refused']);
  expectSilent(
    scope,
    data,
    tokens.map(({ secret }) => secret.reveal()),
  );
});

test.concurrent('a verifier that has the key set cached is named', async () => {
  const { state, before } = await site('cached', { deaf: true });
  const scope = lab.scope({ credential: 'real' }, { KEY: pem });
  const { rotation } = await jwt.open(paramsOf('cached'), scope);
  const old = await rotation.prepare();
  await rotation.refuse();
  expect(await lab.answers(rotation, old.secret)).toEqual(['refused', 'accepted']);
  expect(scope.events).toEqual([expect.stringMatching(/JWKS cached: .* not refused at cached:8081 \(jwt-\w+-cached-2\)$/)]);
  expect(await rotation.rollback()).toEqual([]);
  expect(await state()).toEqual(before);
});

test.concurrent('planned: both keys for a while, the issuer has the new one, and all can be undone', async () => {
  const { issuer, state, before } = await site('plan');
  const scope = lab.scope({ credential: 'real', plan: 'planned' }, { KEY: pem });
  const params = paramsOf('plan', { overlap: '200ms' });
  const { rotation, data } = await jwt.open(params, scope);
  const old = await rotation.prepare();
  expect(pem).toContain(rotation.leaked?.()?.reveal());
  const fresh = await rotation.issue();
  expect(await lab.answers(rotation, old.secret)).toEqual(['accepted', 'accepted']);
  expect(await lab.answers(rotation, fresh.secret)).toEqual(['accepted', 'accepted']);
  await rotation.refuse();
  expect(await lab.answers(rotation, old.secret)).toEqual(['refused', 'refused']);
  expect(scope.events).toEqual([expect.stringContaining('need both keys for 1 h 1 m; the drill keeps them for 200 ms')]);

  const key = JSON.parse(await lab.lab.shell(issuer, 'cat /keys/signing.jwk')) as JsonWebKey & { kid: string };
  const set = JSON.parse(await lab.lab.shell(issuer, 'cat /srv/jwks.json')) as { keys: { kid: string; d?: string }[]; note: string };
  expect(set.keys.map(({ kid }) => kid)).toEqual([key.kid]);
  expect(set.keys[0]?.d).toBeUndefined();
  expect(set.note).toBe('ours');
  expect(createPrivateKey({ key, format: 'jwk' }).asymmetricKeyType).toBe('ed25519');
  expectSilent(scope, data, [key.d ?? '']);

  expect(await (await jwt.reopen(params, data, scope)).rollback()).toEqual([]);
  expect(await state()).toEqual(before);
  expect(await lab.answers(rotation, old.secret)).toEqual(['accepted', 'accepted']);
});

test.runIf(process.env.PITWALL_TEST_FULL !== undefined)(
  'killed before each of its changes, it is put back byte by byte',
  { timeout: 180_000 },
  async () => {
    const { state, before } = await site('killed', { verifiers: 1 });
    const params = paramsOf('killed');
    const instance = `${lab.lab.mark}-dead`;
    for (let acts = 1; ; acts += 1) {
      const { engine, died } = dyingEngine(lab.engine, acts);
      const scope = lab.scope({ credential: 'real', engine, instance }, { KEY: pem });
      const { rotation, data } = await jwt.open(params, scope);
      const ended = await rotation
        .prepare()
        .then(() => rotation.refuse())
        .then(() => rotation.issue())
        .then(
          () => 'whole',
          () => 'killed',
        );
      await lab.bury(instance);
      expect(await (await jwt.reopen(params, data, lab.scope({ credential: 'real' }))).rollback()).toEqual([]);
      expect(await state(), `after ${acts} acts`).toEqual(before);
      if (!died()) {
        expect(ended).toBe('whole');
        break;
      }
    }
  },
);

test.concurrent('what stands against it is said before anything is changed', async () => {
  const { state, before } = await site('odd', { verifiers: 1 });
  const other = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const open = (given: object, key = pem) => jwt.open(paramsOf('odd', given), lab.scope({ credential: 'real' }, { KEY: key }));
  await expect(open({ current: undefined })).rejects.toMatchObject({ code: 'no_current' });
  await expect(open({}, other)).rejects.toMatchObject({ code: 'not_published', message: expect.stringContaining('of-2024') });
  await expect(open({}, 'nonsense')).rejects.toMatchObject({ code: 'not_a_key', message: expect.not.stringContaining('nonsense') });
  await expect(open({ algorithm: 'RS256' })).rejects.toMatchObject({ code: 'wrong_algorithm' });
  await expect(open({ claims: { aud: 'others' } })).rejects.toMatchObject({
    code: 'not_accepted',
    message: expect.stringContaining('odd-1'),
  });
  await expect(open({ jwks: { file: '/keys/none.json', in: { service: 'odd-issuer' } } })).rejects.toMatchObject({ code: 'no_delivery' });
  await expect(open({ points: [{ service: 'nobody', port: 8081 }] })).rejects.toMatchObject({ code: 'no_server' });

  const { rotation } = await rotate(jwt, paramsOf('odd'), lab.scope());
  const second = lab.scope({ credential: 'real', runId: '01JD0000000000000000000009' }, { KEY: pem });
  await expect(jwt.open(paramsOf('odd'), second)).rejects.toMatchObject({
    message: expect.stringContaining('another rotation of /srv/jwks.json is under way'),
  });
  expect(await rotation.rollback()).toEqual([]);
  expect(await state()).toEqual(before);
});
