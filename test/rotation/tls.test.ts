import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Secret } from '../../src/domain/secret.ts';
import { fields, type Params, tls } from '../../src/drills/secret-rotation/systems/tls/index.ts';
import { until } from '../../src/engine/testkit.ts';
import { type Certificate, revocationList } from '../../src/engine/testkit-certificate.ts';
import { dyingEngine, rotate, type TestScope } from './system-lab.ts';
import { openTlsLab, servername, type TlsLab } from './tls-servers.ts';

let lab: TlsLab;
beforeAll(async () => {
  lab = await openTlsLab();
});
afterAll(() => lab.close());

const port = 8443;
const paramsOf = (given: object): Params => z.strictObject(fields).parse(given) as Params;
const bodyOf = (pem: string) => pem.split('\n').slice(1, 3);

/** No private key, nor a part of one, in what is kept and told. */
function expectSilent(scope: TestScope, data: unknown, ...keys: Certificate[]): void {
  const said = JSON.stringify([scope.events, data]);
  for (const { key } of keys) for (const line of bodyOf(key)) expect(said).not.toContain(line);
}

describe('server certificates', () => {
  const params = (service: string, take: object = { reload: 'SIGUSR2' }) =>
    paramsOf({
      server: { service, port, servername },
      certificate: { server: { certificate: '/tls/server.crt', key: '/tls/server.key' } },
      take,
      issue: { exec: ['sh', '/ca/issue'], in: { service: `${service}-ca` } },
    });

  /** Two listeners with the same certificate, and an authority that has another one ready. */
  async function site(service: string, first: { volume?: string } = {}, second: { deaf?: boolean; volume?: string } | null = null) {
    const [old, fresh] = [lab.signed('old'), lab.signed('fresh')];
    const files = { '/tls/server.crt': old.cert, '/tls/server.key': old.key };
    const ca = await lab.ca(`${service}-ca`, `${service}-ca`, [fresh]);
    const servers = [await lab.server(service, `${service}-1`, files, first)];
    if (second !== null) servers.push(await lab.server(service, `${service}-2`, second.volume === undefined ? files : {}, second));
    const state = () => Promise.all(servers.map((id) => lab.state(id, '/tls')));
    return { old, fresh, ca, servers, state, before: await state() };
  }

  test.concurrent('a leaked one is presented nowhere any more, and nothing is left', async () => {
    // the second may not write to it
    const volume = await lab.volume('certificates');
    const { old, fresh, state, before } = await site('web', { volume: `${volume}:/tls` }, { volume: `${volume}:/tls:ro` });
    const scope = lab.scope({ credential: 'real' });
    const done = await rotate(tls, params('web'), scope);

    expect(await lab.answers(done.rotation, done.old.secret)).toEqual(['refused', 'refused']);
    expect(await lab.answers(done.rotation, done.fresh.secret)).toEqual(['accepted', 'accepted']);
    expect(scope.events).toEqual([]);
    expect(old.key).toContain(done.rotation.leaked?.()?.reveal());
    expect(await done.rotation.clear()).toEqual([]);
    const [one = '', two] = await state();
    expect(two).toBe(one);
    expect(one).not.toBe(before[0]);
    // the same two files, with owners and modes as they were
    expect(one.split('\n').slice(0, 2)).toEqual(before[0]?.split('\n').slice(0, 2));
    expect(one.split('\n')).toHaveLength(4);
    expect(await lab.helpersOf(scope)).toEqual([]);
    expectSilent(scope, done.data, old, fresh);
  });

  test.concurrent('a replica that has the new one on disk alone is named, and put back with the others', async () => {
    const { state, before } = await site('deaf', {}, { deaf: true });
    const scope = lab.scope({ credential: 'real' });
    const done = await rotate(tls, params('deaf'), scope);

    expect(await lab.answers(done.rotation, done.old.secret)).toEqual(['refused', 'accepted']);
    expect(scope.events.filter((event) => event.includes('not presented at'))).toEqual([
      expect.stringMatching(/not presented at deaf:8443 \(tls-\w+-deaf-2\)$/),
    ]);
    expect(await done.rotation.rollback()).toEqual([]);
    expect(await state()).toEqual(before);
    expect(await lab.answers(done.rotation, done.old.secret)).toEqual(['accepted', 'accepted']);
    expect(await lab.helpersOf(scope)).toEqual([]);
  });

  test.runIf(process.env.PITWALL_TEST_FULL !== undefined)(
    'killed before each of its changes, it is put back byte by byte',
    { timeout: 180_000 },
    async () => {
      const { old, ca, state, before } = await site('killed');
      const oldOne = new Secret(new X509Certificate(old.cert).fingerprint256.replaceAll(':', '').toLowerCase());
      const given = params('killed');
      const instance = `${lab.lab.mark}-dead`;
      for (let acts = 1; ; acts += 1) {
        await lab.put(ca, '/ca/n', '0\n');
        const { engine, died } = dyingEngine(lab.engine, acts);
        const scope = lab.scope({ credential: 'real', engine, instance });
        const opened = await tls.open(given, scope);
        const ended = await opened.rotation
          .prepare()
          .then(() => opened.rotation.refuse())
          .then(() => opened.rotation.issue())
          .then(
            () => 'whole',
            () => 'killed',
          );
        await lab.bury(instance);
        const again = lab.scope({ credential: 'real' });
        const recovered = await tls.reopen(given, opened.data, again);
        expect(await recovered.rollback()).toEqual([]);
        expect(await state(), `after ${acts} acts`).toEqual(before);
        expect(await lab.answers(recovered, oldOne)).toEqual(['accepted']);
        expectSilent(again, opened.data);
        if (!died()) {
          expect(ended).toBe('whole');
          break;
        }
      }
    },
  );

  test.concurrent('what stands against it is said before anything is changed', async () => {
    const { servers, state, before } = await site('odd');
    const open = (given: Params, credential: 'canary' | 'real' = 'real') => tls.open(given, lab.scope({ credential }));
    await expect(open(params('odd'), 'canary')).rejects.toMatchObject({ code: 'no_canary', hint: 'credential: real' });
    const { certificate, ...rest } = params('odd');
    const elsewhere = { server: { certificate: '/tls/none.crt', key: '/tls/server.key' } };
    await expect(open({ ...rest, certificate: elsewhere })).rejects.toMatchObject({
      code: 'no_delivery',
      message: expect.stringContaining('has no /tls/none.crt'),
    });
    await expect(open({ ...rest, certificate, server: { ...rest.server, port: 9 } })).rejects.toMatchObject({ code: 'server_down' });

    const first = await open(params('odd'));
    await first.rotation.prepare();
    await expect(tls.open(params('odd'), lab.scope({ credential: 'real', runId: '01JD0000000000000000000009' }))).rejects.toMatchObject({
      message: expect.stringMatching(/another rotation of \/tls\/server\.(crt|key) is under way/),
    });
    expect(await first.rotation.clear()).toEqual([]);

    const other = lab.signed('other');
    for (const id of servers) await lab.put(id, '/tls/server.crt', other.cert);
    await expect(open(params('odd'))).rejects.toMatchObject({ code: 'not_presented', message: expect.stringContaining('odd-1') });
    expect(await state()).not.toEqual(before);
  });

  test.concurrent('an authority that fails, or reuses the key, changes nothing', async () => {
    const { ca, old, state, before } = await site('poor');
    const given = params('poor');
    const failing = { ...given, issue: { ...given.issue, exec: ['false'] } };
    const { rotation } = await tls.open(failing, lab.scope({ credential: 'real' }));
    await rotation.prepare();
    await expect(rotation.refuse()).rejects.toMatchObject({
      code: 'step_failed',
      message: expect.stringMatching(/false in tls-\w+-poor-ca\) ended with exit code 1$/),
    });
    expect(await rotation.rollback()).toEqual([]);
    expect(await state()).toEqual(before);

    await lab.put(ca, '/ca/0.pem', `${old.cert}${old.key}`);
    const reuse = await tls.open(given, lab.scope({ credential: 'real' }));
    await expect(reuse.rotation.refuse()).rejects.toMatchObject({ code: 'same_key' });
    expect(await state()).toEqual(before);
  });
});

describe('client certificates', () => {
  const crlBind = 'verify required ca-file /tls/ca.pem crl-file /tls/clients.crl';

  async function site(service: string, { deaf = false, replicas = 1 } = {}) {
    const [unlucky, old, fresh] = [lab.signed('unlucky'), lab.signed('old'), lab.signed('fresh')];
    const server = lab.signed('server');
    const files = {
      '/tls/server.crt': server.cert,
      '/tls/server.key': server.key,
      '/tls/ca.pem': lab.authority.cert,
      '/tls/clients.crl': revocationList(lab.authority, [unlucky]),
    };
    const ids = await Promise.all(
      Array.from({ length: replicas }, (_, n) =>
        lab.server(service, `${service}-${n + 1}`, files, { bind: crlBind, deaf: deaf && n === replicas - 1 }),
      ),
    );
    await lab.ca(`${service}-ca`, `${service}-ca`, [old, fresh]);
    const state = () => Promise.all(ids.map((id) => lab.state(id, '/tls')));
    return { old, fresh, state, before: await state() };
  }

  const params = (service: string, given: object = {}) =>
    paramsOf({
      server: { service, port, servername },
      certificate: {
        client: { trust: { crl: '/tls/clients.crl', revoke: { exec: ['sh', '/ca/revoke'], in: { service: `${service}-ca` } } }, ...given },
      },
      take: { reload: 'SIGUSR2' },
      issue: { exec: ['sh', '/ca/issue'], in: { service: `${service}-ca` } },
    });

  test.concurrent('a canary is refused once it is on the list, and an open connection lives on until somebody closes it', async () => {
    const { old, fresh } = await site('mtls');
    const scope = lab.scope();
    const { rotation, data } = await tls.open(params('mtls'), scope);
    const canary = await rotation.prepare();
    const [point] = rotation.points;
    if (point === undefined) throw new Error('no point');
    expect(point.modes).toEqual(['login', 'session']);
    const session = lab.prober.start({ door: point.door(null), secret: canary.secret, mode: 'session', everyMs: 50, timeoutMs: 1_000 });
    await until(() => session.samples().at(-1)?.answer === 'accepted', 'a session');

    await rotation.refuse();
    expect(await lab.answers(rotation, canary.secret)).toEqual(['refused']);
    expect((await rotation.endSessions()).notAllowed).toContain('certificate.client.sessions');
    const { secret } = await rotation.issue();
    expect(await lab.answers(rotation, secret)).toEqual(['accepted']);
    expect(session.samples().at(-1)?.answer).toBe('accepted');

    const closing = await tls.reopen(params('mtls', { sessions: { restart: true } }), data, scope);
    expect(await closing.endSessions()).toEqual({ notAllowed: null });
    await until(() => session.samples().at(-1)?.answer === 'closed', 'its end');
    await session.stop();

    expect(await rotation.clear()).toEqual([]);
    await until(async () => (await lab.answers(rotation, secret))[0] === 'refused', 'the practice certificate is refused');
    expect(scope.events).toEqual([]);
    expectSilent(scope, data, old, fresh);
  });

  test.concurrent('a replica that never read the new list is named', async () => {
    const { state, before } = await site('stale', { deaf: true, replicas: 2 });
    const scope = lab.scope();
    const { rotation, old } = await rotate(tls, params('stale'), scope);
    expect(await lab.answers(rotation, old.secret)).toEqual(['refused', 'accepted']);
    expect(scope.events).toEqual([expect.stringMatching(/not refused at stale:8443 \(tls-\w+-stale-2\)$/)]);
    expect(await rotation.rollback()).toEqual([]);
    expect(await state()).toEqual(before);
  });

  test.concurrent('planned: a trusted one is put beside the real one before that goes, and both plans can be undone', async () => {
    const [old, fresh, server] = [lab.self('old'), lab.self('fresh'), lab.signed('server')];
    const files = { '/tls/server.crt': server.cert, '/tls/server.key': server.key, '/tls/clients.pem': old.cert };
    const id = await lab.server('pins', 'pins-1', files, { bind: 'verify required ca-file /tls/clients.pem' });
    await lab.ca('pins-ca', 'pins-ca', [fresh]);
    const before = await lab.state(id, '/tls');
    const given = params('pins', { trust: { certificates: '/tls/clients.pem' }, current: { env: 'CLIENT' } });
    const scope = lab.scope({ plan: 'planned', credential: 'real' }, { CLIENT: `${old.cert}${old.key}` });
    const { rotation, data } = await tls.open(given, scope);
    const was = await rotation.prepare();
    const now = await rotation.issue();
    expect(await lab.answers(rotation, was.secret)).toEqual(['accepted']);
    expect(await lab.answers(rotation, now.secret)).toEqual(['accepted']);
    await rotation.refuse();
    expect(await lab.answers(rotation, was.secret)).toEqual(['refused']);
    expect(await lab.answers(rotation, now.secret)).toEqual(['accepted']);
    expect(await (await tls.reopen(given, data, scope)).rollback()).toEqual([]);
    expect(await lab.state(id, '/tls')).toBe(before);
    await until(async () => (await lab.answers(rotation, was.secret))[0] === 'accepted', 'the old one works again');
    expectSilent(scope, data, old, fresh);
  });
});
