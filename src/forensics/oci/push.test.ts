import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FailedError } from '../../domain/errors.ts';
import type { RegistryAccess } from './access.ts';
import { blobPath } from './blobs.ts';
import { checkpointImage } from './checkpoint-image.ts';
import { type Layout, openLayout } from './layout.ts';
import type { Descriptor } from './media.ts';
import { push } from './push.ts';
import { publisher, pushPending } from './repush.ts';
import { attachStatement } from './statement.ts';
import { error, type FakeRegistry, fakeRegistry } from './testkit-registry.ts';
import { verifyPushed, verifyRemote } from './verify-remote.ts';

/** Registries that refuse, are full, lie, break off or ask who we are. */

const signal = new AbortController().signal;
const large = 5_000_000;
const password = 's3cret-of-the-registry';

let folder: string;
let registry: FakeRegistry;
let layout: Layout;
let checkpoint: Descriptor;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pitwall-push-'));
  registry = await fakeRegistry();
  ({ layout, checkpoint } = await makeCase('ev_1'));
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function makeCase(id: string) {
  const content = randomBytes(large);
  const path = join(folder, `${id}.tar`);
  await writeFile(path, content);
  const made = openLayout(join(folder, id), id, null);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const image = await checkpointImage(
    made,
    { name: 'checkpoint', path, sha256, bytes: large },
    { 'org.criu.checkpoint.container.name': 'web' },
  );
  const statement = { predicateType: 'https://example.org/evidence/v1' };
  const payload = Buffer.from(JSON.stringify(statement)).toString('base64');
  const envelope = { payloadType: 'application/vnd.in-toto+json', payload, signatures: [{ keyid: 'k', sig: 'c2ln' }] };
  await attachStatement(made, image, envelope, { signedAt: '2026-01-02T03:04:05Z' });
  return { layout: made, checkpoint: image, tar: `sha256:${sha256}` };
}

function access(more: Partial<RegistryAccess> = {}): RegistryAccess {
  return { url: registry.url, repository: 'evidence', credentials: null, insecure: false, ...more };
}

async function failure(promise: Promise<unknown>): Promise<FailedError> {
  const caught: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (caught instanceof FailedError) return caught;
  throw caught ?? new Error('it did not fail');
}

type Odd = FakeRegistry['odd'];
const answers =
  (what: (request: IncomingMessage) => boolean, status: number, body = ''): Odd =>
  (request, response) => {
    if (!what(request)) return false;
    response.writeHead(status).end(body);
    return true;
  };
const is = (method: string, path: string) => (request: IncomingMessage) =>
  request.method === method && request.url?.includes(path) === true;
const anything = () => true;

describe('a push', () => {
  test.each([false, true])(
    'stores everything, lists the statement, reads it back, and is idempotent (referrers API: %s)',
    async (referrersApi) => {
      registry.referrersApi = referrersApi;
      const pushed = await push(layout, access(), { signal, pullBack: 'full' });
      expect(pushed).toMatchObject({ images: [{ digest: checkpoint.digest }], sentBytes: expect.any(Number) });
      expect(pushed.sentBytes).toBeGreaterThan(large);
      expect([...registry.manifests.keys()].some((key) => key.startsWith('sha256-'))).toBe(!referrersApi);
      expect(await verifyRemote(access(), pushed.reference, checkpoint.digest, { signal })).toEqual([]);
      registry.asked.length = 0;
      expect((await push(layout, access(), { signal })).sentBytes).toBe(0);
      expect(registry.asked.filter((each) => /^(POST|PATCH)/.test(each))).toEqual([]);
      if (!referrersApi) expect(registry.asked.filter((each) => each.startsWith('PUT /manifests/sha256-'))).toEqual([]);
    },
  );

  test('adds to the statements that others have listed', async () => {
    const tag = checkpoint.digest.replace(':', '-');
    const other = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${'0'.repeat(64)}`, size: 9 };
    const type = 'application/vnd.oci.image.index.v1+json';
    registry.manifests.set(tag, { bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [other] })), type });
    await push(layout, access(), { signal });
    const { manifests } = JSON.parse(String(registry.manifests.get(tag)?.bytes)) as { manifests: Descriptor[] };
    expect(manifests).toHaveLength(2);
    expect(manifests[0]).toEqual(other);
    expect(manifests[1]?.annotations).toMatchObject({ 'dev.sigstore.bundle.content': 'dsse-envelope' });
  });

  test('goes on when the connection is dropped once in the middle of a blob, and gives up when it is always', async () => {
    let drops = 1;
    registry.odd = (request, response) => {
      if (request.method !== 'PATCH' || drops-- <= 0) return false;
      response.writeContinue();
      request.once('data', () => request.socket.destroy());
      return true;
    };
    const { sentBytes } = await push(layout, access(), { signal, pullBack: 'full' });
    expect(sentBytes).toBeGreaterThan(large);
    const next = await makeCase('ev_2');
    drops = 99;
    expect(await failure(push(next.layout, access(), { signal }))).toMatchObject({ code: 'registry_unreachable' });
    expect(97 - drops).toBe(0);
    drops = 0;
    expect((await push(next.layout, access(), { signal })).images).toEqual([
      { reference: expect.any(String), digest: next.checkpoint.digest },
    ]);
  });

  test('goes on when the registry fails to read for a moment, as while another writes the same', async () => {
    let left = 2;
    registry.odd = (request, response) => is('GET', '/manifests/')(request) && left-- > 0 && answers(anything, 500)(request, response);
    expect(await push(layout, access(), { signal })).toMatchObject({ images: [{ digest: checkpoint.digest }] });
    expect(left).toBeLessThan(0);
  });

  test('whose last answer is lost is found to be done', async () => {
    let lost = 0;
    registry.odd = async (request) => {
      if (!is('PUT', 'blobs/uploads/0')(request) || lost > 0) return false;
      lost += 1;
      const digest = new URL(request.url ?? '', registry.url).searchParams.get('digest') ?? '';
      const { readFile } = await import('node:fs/promises');
      registry.blobs.set(digest, await readFile(blobPath(layout, digest)));
      request.socket.destroy();
      return true;
    };
    await push(layout, access(), { signal, pullBack: 'full' });
    expect(lost).toBe(1);
  });

  test('that is aborted says why, and sends no more', async () => {
    const stop = new AbortController();
    const reason = new Error('the run was aborted');
    registry.odd = (request) => {
      if (request.method === 'PATCH') stop.abort(reason);
      return request.method === 'PATCH';
    };
    await expect(push(layout, access(), { signal: stop.signal })).rejects.toBe(reason);
    expect(registry.asked.at(-1)).toMatch(/^PATCH/);
  });
});

describe('a registry that says no', () => {
  test.each<[string, Odd, string, RegExp]>([
    [
      'refuses',
      answers(is('POST', 'uploads'), 403, error('DENIED', 'no\u001b[31m\nway')),
      'registry_refused',
      /answered 403: DENIED no \[31m way$/,
    ],
    [
      'is full',
      answers(is('PATCH', 'uploads'), 413, '<html><h1>Request Entity Too Large</h1></html>'),
      'registry_full',
      /413: Request Entity Too Large/,
    ],
    ['is over quota', answers(is('PUT', 'manifests'), 403, error('DENIED', 'storage quota exceeded')), 'registry_full', /quota/],
    [
      'has a full disk',
      answers(is('PATCH', 'uploads'), 500, error('UNKNOWN', 'unknown error', { Err: 'write /x: no space left on device' })),
      'registry_full',
      /no space left/,
    ],
    ['is in trouble', answers(anything, 500), 'registry_unreachable', /answered 500$/],
    ['asks who we are', answers(anything, 401), 'registry_refused', /no credentials are configured/],
    [
      'calls a blob something else',
      answers(is('PUT', 'uploads'), 400, error('DIGEST_INVALID', 'provided digest did not match')),
      'registry_digest',
      /DIGEST_INVALID/,
    ],
    ['says not where to', answers(is('POST', 'uploads'), 202), 'registry_refused', /where to/],
    ['sends round and round', (request, response) => redirect(response, request.url), 'registry_refused', /one address to the next/],
    [
      'answers endlessly',
      (request, response) => is('GET', 'manifests')(request) && endless(response),
      'registry_unreachable',
      /larger than 4 MiB/,
    ],
    ['is silent', () => true, 'registry_unreachable', /nothing came over the connection for 0.2 s/],
  ])('%s', async (what, odd, code, message) => {
    registry.odd = odd;
    // a busy machine takes longer than that to answer, and only one of these is about waiting
    const thrown = await failure(push(layout, access({ idleMs: what === 'is silent' ? 200 : 20_000 }), { signal }));
    expect(thrown).toMatchObject({ code, exitCode: 1, hint: expect.any(String) });
    expect(thrown.message).toMatch(message);
    expect(thrown.message).toContain(`registry ${registry.url}: cannot `);
  });

  test('is not there', async () => {
    const thrown = await failure(push(layout, access({ url: 'http://127.0.0.1:1' }), { signal }));
    expect(thrown).toMatchObject({ code: 'registry_unreachable', message: expect.stringContaining('nobody listens there') });
  });

  test('an early refusal of a large blob is heard, though the connection is closed with it', async () => {
    registry.odd = (request, response) => {
      if (request.method !== 'PATCH') return false;
      response.writeHead(507, { Connection: 'close' }).end('full');
      return true;
    };
    expect(await failure(push(layout, access(), { signal }))).toMatchObject({ code: 'registry_full' });
  });
});

describe('a registry that lies', () => {
  test('about a digest when it stores', async () => {
    registry.odd = (request, response) => {
      if (!is('PUT', 'manifests')(request)) return false;
      request.resume();
      response.writeHead(201, { 'Docker-Content-Digest': `sha256:${'0'.repeat(64)}` }).end();
      return true;
    };
    expect(await failure(push(layout, access(), { signal }))).toMatchObject({ code: 'registry_digest' });
  });

  test('when it is read back: another manifest, another blob', async () => {
    registry.odd = (request, response) => {
      if (!is('GET', 'manifests/ev_1-checkpoint')(request)) return false;
      response.writeHead(200, { 'Content-Type': 'application/vnd.oci.image.index.v1+json' }).end('{}');
      return true;
    };
    expect(await failure(push(layout, access(), { signal }))).toMatchObject({
      code: 'registry_digest',
      message: expect.stringContaining('came back as'),
    });
    registry.odd = () => false;
    const { reference } = await push(layout, access(), { signal });
    const tar = [...registry.blobs.keys()].find((digest) => registry.blobs.get(digest)?.length === large) ?? '';
    const bytes = registry.blobs.get(tar) ?? Buffer.alloc(0);
    bytes[4_000_000] = (bytes[4_000_000] ?? 0) ^ 1;
    expect(await verifyRemote(access(), reference, checkpoint.digest, { signal, pullBack: 'heads' })).toEqual([]);
    const wrong = [`the blob ${tar} came back as another`];
    expect(await verifyRemote(access(), reference, checkpoint.digest, { signal })).toEqual(wrong);
    expect((await failure(push(layout, access(), { signal, pullBack: 'full' }))).message).toContain(wrong[0]);
    expect(await verifyPushed(layout, access(), { signal })).toEqual(wrong);
    registry.manifests.delete(checkpoint.digest.replace(':', '-'));
    expect((await verifyPushed(layout, access(), { signal, pullBack: 'heads' })).join()).toMatch(
      /^the statement sha256:\w+ is not listed for sha256:\w+$/,
    );
    registry.blobs.delete(tar);
    expect(await verifyRemote(access(), reference, checkpoint.digest, { signal })).toEqual([`the blob ${tar} is not there`]);
  });

  test('is told from evidence that was changed here', async () => {
    const { layout: changed, tar } = await makeCase('ev_3');
    await writeFile(blobPath(changed, tar), randomBytes(large));
    expect(await failure(push(changed, access(), { signal }))).toMatchObject({ code: 'evidence_altered' });
    await rm(blobPath(changed, tar));
    expect(await failure(push(changed, access(), { signal }))).toMatchObject({ code: 'evidence_altered' });
  });
});

describe('who we are', () => {
  const credentials = () => `me:${password}`;
  const basic = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;

  const asksFor =
    (authorization: string, challenge: string): Odd =>
    (request, response) => {
      if (request.headers.authorization === authorization) return false;
      request.resume();
      response.writeHead(401, { 'WWW-Authenticate': challenge }).end(error('UNAUTHORIZED', `who is ${password}?`));
      return true;
    };

  test('is said when it is asked for: basic', async () => {
    registry.odd = asksFor(basic, 'Basic realm="registry"');
    expect((await push(layout, access({ credentials }), { signal })).notes).toEqual([]);
    expect((await push(layout, access({ credentials }), { signal })).sentBytes).toBe(0);
    const wrong = await failure(push(layout, access({ credentials: () => `me:not-${password}` }), { signal }));
    expect(wrong).toMatchObject({ code: 'registry_refused', hint: expect.stringContaining('registry.credentials') });
    expect(wrong.message).not.toContain(password);
    await expect(push(layout, access({ credentials: () => password }), { signal })).rejects.toMatchObject({ code: 'bad_credentials' });
  });

  test('is shown by a token, which is got anew when it has ended', async () => {
    let token = 0;
    const scopes: string[] = [];
    registry.odd = (request, response) => {
      if (request.url?.startsWith('/token') === true) {
        const scope = new URL(request.url, registry.url).searchParams;
        scopes.push(`${scope.get('service')} ${scope.get('scope')}`);
        if (request.headers.authorization === basic) response.end(JSON.stringify({ token: `t${++token}` }));
        else response.writeHead(401).end(error('UNAUTHORIZED', `${password} is wrong`));
        return true;
      }
      // Each token is good until the first manifest.
      if (request.method === 'PUT' && request.url?.includes('manifests') === true && token === 1) token = 1.5;
      return asksFor(`Bearer t${token}`, `Bearer realm="${registry.url}/token",service="here",scope="repository:evidence:pull,push"`)(
        request,
        response,
      );
    };
    expect((await push(layout, access({ credentials }), { signal })).notes).toEqual([]);
    expect(scopes.slice(0, 2)).toEqual(['here repository:evidence:pull,push', 'here repository:evidence:pull,push']);
    const wrong = await failure(push(layout, access({ credentials: () => `you:${password}` }), { signal }));
    expect(wrong).toMatchObject({ code: 'registry_refused', message: expect.stringContaining('UNAUTHORIZED … is wrong') });
  });

  test('is told to nobody else: another host, or a place in the clear', async () => {
    await using other = await fakeRegistry();
    let heard: string | undefined = 'nothing';
    other.odd = (request, response) => {
      heard = request.headers.authorization;
      response.end('x');
      return true;
    };
    registry.odd = (request, response) => {
      if (!is('GET', 'blobs')(request)) return asksFor(basic, 'Basic')(request, response);
      response.writeHead(307, { Location: `${other.url}/elsewhere` }).end();
      return true;
    };
    expect(await failure(push(layout, access({ credentials }), { signal, pullBack: 'full' }))).toMatchObject({ code: 'registry_digest' });
    expect(heard).toBeUndefined();
  });

  test('and what we have goes nowhere in the clear', async () => {
    registry.odd = asksFor(basic, 'Bearer realm="http://auth.example.org/token"');
    expect((await failure(push(layout, access({ credentials }), { signal }))).message).toContain('is not https: http://auth.example.org');
    registry.odd = (request, response) => {
      if (request.method !== 'POST') return false;
      response.writeHead(202, { Location: 'http://store.example.org/upload' }).end();
      return true;
    };
    expect(await failure(push(layout, access(), { signal }))).toMatchObject({
      code: 'registry_refused',
      message: expect.stringContaining('it names an address that is not https: http://store.example.org'),
    });
  });

  test('does not matter to a registry that lets anyone pull, which is warned about', async () => {
    registry.odd = (request, response) => request.method !== 'GET' && asksFor(basic, 'Basic')(request, response);
    expect((await push(layout, access({ credentials }), { signal })).notes).toEqual([
      `the registry ${registry.url} lets anyone pull ${registry.url.slice(7)}/evidence:ev_1-checkpoint: evidence holds every secret of the memory`,
    ]);
  });
});

describe('what waits for the registry', () => {
  test('is pushed when it is back; one that was changed does not keep the others back', async () => {
    const bad = await makeCase('ev_4');
    await rm(blobPath(bad.layout, bad.tar));
    const cases = [bad.layout, layout];
    registry.odd = answers(anything, 503);
    const down = await pushPending(cases, access(), { signal });
    expect(down).toEqual([{ layout: bad.layout, error: expect.objectContaining({ code: 'registry_unreachable' }) }]);
    registry.odd = () => false;
    const up = await pushPending(cases, access(), { signal });
    expect(up).toEqual([
      { layout: bad.layout, error: expect.objectContaining({ code: 'evidence_altered' }) },
      { layout, pushed: expect.objectContaining({ images: [{ reference: expect.any(String), digest: checkpoint.digest }] }) },
    ]);
  });

  test('is said to be pending, or pushed, and never thrown', async () => {
    const { publish } = publisher(access());
    registry.odd = answers(anything, 503);
    const pending = await publish('ev_1', join(folder, 'ev_1'), signal);
    expect(pending.push).toMatchObject({
      state: 'pending',
      reference: `${registry.url.slice(7)}/evidence:ev_1`,
      note: expect.stringContaining('answered 503'),
    });
    registry.odd = () => false;
    expect((await publish('ev_1', join(folder, 'ev_1'), signal)).push).toMatchObject({ state: 'pushed', note: null });
  });
});

function redirect(response: ServerResponse, to: string | undefined): boolean {
  response.writeHead(307, { Location: to }).end();
  return true;
}

function endless(response: ServerResponse): boolean {
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, 32)));
  };
  response.on('drain', more).on('error', () => {});
  more();
  return true;
}
