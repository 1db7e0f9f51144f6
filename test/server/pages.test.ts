/** The dashboard by HTTP, as a browser without scripts sees it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken, revokeToken } from '../../src/access/tokens.ts';
import { createApp, type RegisteredRoute } from '../../src/server/app.ts';
import { defaultLimits } from '../../src/server/limits.ts';
import { cookieOf } from './browsing.ts';
import { type Answer, drill, type Harness, outerAddress, startHarness } from './harness.ts';
import { tagsOf } from './tags.ts';

let harness: Harness;
let routes: readonly RegisteredRoute[];
beforeAll(async () => {
  harness = await startHarness({ config: { host: '0.0.0.0', port: 0 } });
  const built = await createApp(harness.deps, defaultLimits, new AbortController().signal);
  routes = built.routes.filter(({ page }) => page);
  await built.app.close();
});
afterAll(async () => harness[Symbol.asyncDispose]());

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const outer = outerAddress();

type Headers = Readonly<Record<string, string>>;

function get(path: string, headers: Headers = {}, own = harness, base = own.url): Promise<Answer> {
  return own.call('GET', path, { headers: { ...html, ...headers }, base });
}

function post(path: string, fields: Headers | string, headers: Headers = {}, own = harness): Promise<Answer> {
  return own.call('POST', path, {
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    headers: { ...html, 'content-type': 'application/x-www-form-urlencoded', origin: own.url, ...headers },
  });
}

interface Login {
  readonly cookie: string;
  readonly csrf: string;
}

async function login(token: string, own = harness): Promise<Login> {
  const { headers } = await post('/login', { token }, {}, own);
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
  const page = await get('/login', { cookie }, own);
  return { cookie, csrf: /name="csrf" value="([\w-]+)"/.exec(page.text)?.[1] ?? '' };
}

function audited(own = harness) {
  return own.deps.audit.list({ limit: 1 }).map(({ who, role, act, data }) => [who, role, act, data?.outcome, data?.code ?? null])[0];
}

describe('a session', () => {
  test('begins with a token, acts by forms, and ends with the logout', async () => {
    const answer = await post('/login', { token: ` ${harness.tokens.operator} `, next: '/?q=web' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/?q=web']);
    expect(answer.headers.get('set-cookie')).toMatch(
      new RegExp(`^${cookieOf('[\\w-]{43}', harness.url)}; Path=/; Expires=.*GMT; HttpOnly; SameSite=Strict$`),
    );
    expect(audited()).toEqual(['the-operator', 'operator', 'login', 'allowed', null]);
    const { cookie, csrf } = await login(harness.tokens.operator);
    const halted = await post('/halt', { csrf, reason: 'smoke', back: '/?q=1' }, { cookie });
    expect([halted.status, halted.headers.get('location')]).toEqual([303, '/?q=1']);
    expect(harness.store.control.halted()).toMatchObject({ by: 'the-operator', reason: 'smoke' });
    expect(audited()).toEqual(['the-operator', 'operator', 'halt', 'allowed', null]);
    expect((await get('/', { cookie })).text).toContain('HALTED');
    expect((await post('/drills/by-hand/runs', { csrf }, { cookie })).status).toBe(409);
    expect((await post('/unhalt', { csrf }, { cookie })).status).toBe(303);
    expect(harness.store.control.halted()).toBeNull();
    const run = await post('/drills/by-hand/runs', { csrf, seed: ' s1 ' }, { cookie });
    expect([run.status, run.headers.get('location')]).toEqual([303, expect.stringMatching(/^\/runs\/[0-9A-Z]{26}$/)]);
    expect(harness.store.runs.list({ drill: 'by-hand' })[0]).toMatchObject({ actor: 'the-operator', trigger: 'api' });

    const out = await post('/logout', { csrf }, { cookie });
    expect([out.status, out.headers.get('location')]).toEqual([303, '/login']);
    expect(out.headers.get('set-cookie')).toContain(`${cookieOf('', harness.url)}; Path=/; Expires=Thu, 01 Jan 1970`);
    expect(audited()).toEqual(['the-operator', 'operator', 'logout', 'allowed', null]);
    expect((await post('/halt', { csrf }, { cookie })).status).toBe(401);
    expect(harness.store.control.halted()).toBeNull();
  });

  test('ends with its token', async () => {
    const token = createToken(harness.store, 'short-lived', 'admin');
    const { cookie, csrf } = await login(token);
    expect((await get('/', { cookie })).text).toContain('short-lived');
    revokeToken(harness.store, 'short-lived');
    expect((await get('/', { cookie })).text).not.toContain('short-lived');
    expect((await post('/halt', { csrf }, { cookie })).status).toBe(401);
    expect((await post('/login', { token })).status).toBe(401);
  });

  test('ends with its token’s time, and after twelve hours', async () => {
    let later = 0;
    const { clock } = harness.deps;
    await using own = await startHarness({}, {}, { ...clock, now: () => clock.now() + later });
    const brief = createToken(own.store, 'for-an-hour', 'admin', { expiresAt: clock.now() + 3_600_000 });
    const hour = await login(brief, own);
    expect((await get('/', { cookie: hour.cookie }, own)).text).toContain('for-an-hour');
    const { cookie, csrf } = await login(own.tokens.admin, own);
    later = 3_600_000;
    expect((await get('/', { cookie: hour.cookie }, own)).text).not.toContain('for-an-hour');
    expect((await post('/halt', { csrf: hour.csrf }, { cookie: hour.cookie }, own)).status).toBe(401);
    expect((await post('/login', { token: brief }, {}, own)).status).toBe(401);
    later = 12 * 3_600_000 - 60_000;
    expect((await get('/', { cookie }, own)).text).toContain('the-admin');
    later = 12 * 3_600_000;
    expect((await get('/', { cookie }, own)).text).not.toContain('the-admin');
    expect((await post('/halt', { csrf }, { cookie }, own)).status).toBe(401);
  });

  test('its cookie is for secure connections and this host alone when it came by one', async () => {
    const cookieBy = async (headers: Headers) =>
      (await post('/login', { token: harness.tokens.viewer }, headers)).headers.get('set-cookie') ?? '';
    expect(await cookieBy({})).not.toMatch(/Secure|__Host-/);
    const secure = await cookieBy({ 'x-forwarded-proto': 'https' });
    expect(secure).toMatch(/^__Host-pitwall_session_\d+=[\w-]{43}; Path=\/; .*; HttpOnly; Secure; SameSite=Strict$/);
    expect(secure).not.toContain('Domain');
    // one that a neighbour put there without TLS does not take its place
    const planted = cookieOf(harness.deps.sessions.open(harness.tokens.admin)?.secret ?? '', harness.url);
    expect((await get('/', { cookie: `${planted}; ${secure.split(';')[0]}` })).text).toContain('the-viewer');
  });

  test('its cookie is told from that of another Pitwall of this host', async () => {
    await using other = await startHarness();
    const mine = (await login(harness.tokens.viewer)).cookie;
    const { cookie: theirs } = await login(other.tokens.admin, other);
    for (const cookie of [`${mine}; ${theirs}`, `${theirs}; ${mine}`]) {
      expect((await get('/', { cookie })).text).toContain('the-viewer');
      expect((await get('/', { cookie }, other)).text).toContain('the-admin');
    }
  });

  test('nothing of it is in the database', async () => {
    const { cookie } = await login(harness.tokens.viewer);
    await harness.store.backup(`${harness.store.path}.copy`);
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(`${harness.store.path}.copy`).includes(cookie.split('=')[1] ?? '')).toBe(false);
  });

  test('reads the API and pages, also from elsewhere, and never acts by the API', async () => {
    const { cookie, csrf } = await login(harness.tokens.admin);
    const base = `http://${outer}:${new URL(harness.url).port}`;
    expect((await get('/api/v1/runs', { cookie }, harness, base)).status).toBe(200);
    expect((await get('/api/v1/audit', { cookie }, harness, base)).status).toBe(200);
    expect((await get('/runs', { cookie }, harness, base)).status).toBe(200);
    for (const path of ['/api/v1/halt', '/api/v1/drills/by-hand/runs']) {
      const { status } = await harness.call('POST', path, { body: {}, headers: { cookie, 'x-csrf': csrf } });
      expect([path, status]).toEqual([path, 401]);
    }
    expect(harness.store.control.halted()).toBeNull();
  });
});

describe('a login that is refused', () => {
  test.each([
    ['wrong', () => 'pw_wrong'],
    ['empty', () => ''],
    ['long', () => 'x'.repeat(5_000)],
    ['with a hidden character', () => `${harness.tokens.admin}\u200b`],
  ])('%s', async (_what, token) => {
    const { status, headers, text } = await post('/login', { token: token(), next: '/runs?kind=lifecycle' });
    expect([status, headers.get('set-cookie')]).toEqual([401, null]);
    expect(text).toContain('This token is not valid');
    expect(text).toContain('name="next" value="/runs?kind=lifecycle"');
    expect(audited()).toEqual(['nobody', 'none', 'login', 'refused', 'bad_token']);
  });

  test('too often, makes the address wait, here and at the API, but not who has a token', async () => {
    await using own = await startHarness();
    for (let i = 0; i < 20; i++) expect((await post('/login', { token: `pw_${i}` }, {}, own)).status).toBe(401);
    const { status, headers, text } = await post('/login', { token: 'pw_20' }, {}, own);
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect(text).toContain('too many bad tokens');
    expect((await own.call('GET', '/api/v1/runs', { token: 'pw_21' })).status).toBe(429);
    expect((await own.call('GET', '/api/v1/runs', { token: own.tokens.admin })).status).toBe(200);
    expect((await post('/login', { token: own.tokens.admin }, {}, own)).status).toBe(303);
    // Who reads from this machine without a token is not kept out.
    expect((await get('/', {}, own)).status).toBe(200);
  });

  test.each<[string, Headers]>([
    ['of another site', { origin: 'http://evil.example' }],
    ['of a page without an origin', { origin: 'null' }],
  ])('%s', async (_what, headers) => {
    const answer = await post('/login', { token: harness.tokens.admin }, headers);
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([403, null]);
  });
});

test.each([
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['http://evil.example/', '/'],
  ['/%2f%2fevil.example', '/%2f%2fevil.example'],
  ['/.//evil.example', '/'],
  ['/\tevil', '/'],
  ['/runs?x=1#y', '/runs?x=1'],
  ['/login', '/'],
])('after the login, %j leads to %s', async (next, location) => {
  const { headers, status } = await post('/login', { token: harness.tokens.viewer, next });
  expect([status, headers.get('location')]).toEqual([303, location]);
});

describe('a form', () => {
  test('without, or with a foreign, proof that it is of our own page does nothing', async () => {
    const [own, other] = [await login(harness.tokens.operator), await login(harness.tokens.admin)];
    for (const fields of [{}, { csrf: '' }, { csrf: other.csrf }, { csrf: `${own.csrf}x` }, `csrf=${own.csrf}&csrf=${own.csrf}`]) {
      const { status, text } = await post('/halt', fields, { cookie: own.cookie });
      expect([fields, status]).toEqual([fields, 403]);
      expect(text).toContain('nothing was done');
    }
    expect(audited()).toEqual(['the-operator', 'operator', 'halt', 'refused', 'foreign_form']);
    expect(harness.store.control.halted()).toBeNull();
  });

  test('of a token, or of nobody, does nothing', async () => {
    const { csrf } = await login(harness.tokens.admin);
    expect((await post('/halt', { csrf }, { authorization: `Bearer ${harness.tokens.admin}` })).status).toBe(401);
    expect((await post('/halt', { csrf })).status).toBe(401);
    expect(harness.store.control.halted()).toBeNull();
  });

  test('of JSON, or of too much, does nothing', async () => {
    const { cookie, csrf } = await login(harness.tokens.admin);
    const json = await harness.call('POST', '/halt', { body: { csrf }, headers: { cookie } });
    const plain = await post('/halt', { csrf }, { cookie, 'content-type': 'text/plain' });
    const large = await post('/halt', { csrf, reason: 'x'.repeat(70_000) }, { cookie });
    expect([json.status, plain.status, large.status]).toEqual([415, 415, 413]);
    expect(harness.store.control.halted()).toBeNull();
  });

  test('with a field twice is not guessed at', async () => {
    const { cookie, csrf } = await login(harness.tokens.admin);
    expect((await post('/halt', `csrf=${csrf}&reason=a&reason=b`, { cookie })).status).toBe(400);
    expect(harness.store.control.halted()).toBeNull();
  });

  test('is not there for who may not use it, and is refused all the same', async () => {
    const { cookie, csrf } = await login(harness.tokens.viewer);
    const page = await get('/drills/by-hand', { cookie });
    expect(page.text).not.toMatch(/action="\/(halt|drills)/);
    for (const path of ['/halt', '/unhalt', '/drills/by-hand/runs']) {
      const { status, text } = await post(path, { csrf }, { cookie });
      expect([path, status]).toEqual([path, 403]);
      expect(text).toContain('role too small');
    }
    expect((await post('/logout', { csrf }, { cookie })).status).toBe(303);
  });
});

/** Filled in with what is there. */
function pathOf({ url }: RegisteredRoute, runId: string): string {
  return url
    .replace('/drills/:name', '/drills/recycle-shop')
    .replace('/runs/:id', `/runs/${runId}`)
    .replace(':id', `ev_${'0'.repeat(26)}`);
}

describe('every page', () => {
  test('needs a role or this machine, has its policy, and nothing that runs or dresses in its text', async () => {
    const runId = harness.openRun({ drill: 'recycle-shop' });
    const readers = routes.filter(({ method, url }) => method === 'GET' && !/^\/(assets|live)/.test(url));
    expect(readers.length).toBeGreaterThan(5);
    const { cookie } = await login(harness.tokens.admin);
    for (const route of readers) {
      const path = pathOf(route, runId);
      const answer = await get(path, { cookie });
      expect([path, answer.status < 500]).toEqual([path, true]);
      if (answer.headers.get('content-type') !== 'text/html; charset=utf-8') continue;
      expect(answer.headers.get('content-security-policy'), path).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(Object.fromEntries(answer.headers), path).toMatchObject({
        'cache-control': 'no-store',
        'content-encoding': expect.stringMatching(/^(br|gzip)$/),
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      expectInert(answer.text, path);
      if (route.permission === 'nothing') continue;
      const away = await get(path, {}, harness, `http://${outer}:${new URL(harness.url).port}`);
      expect([path, away.status, away.headers.get('location')]).toEqual([path, 303, `/login?next=${encodeURIComponent(path)}`]);
      expect(away.text).toBe('');
    }
  });

  test('forms of every page answer nobody', async () => {
    for (const route of routes.filter(({ method, url }) => method === 'POST' && url !== '/login')) {
      const { status } = await post(pathOf(route, '0'.repeat(26)), {});
      expect([route.url, status]).toEqual([route.url, 401]);
    }
  });

  test('that is not there is in the frame of who asks for it', async () => {
    const { cookie } = await login(harness.tokens.viewer);
    const base = `http://${outer}:${new URL(harness.url).port}`;
    const [mine, nobodys, gone] = [
      await get('/no-such-page', { cookie }, harness, base),
      await get('/no-such-page', {}, harness, base),
      await get('/no-such-page', { cookie: cookieOf('x'.repeat(43), base) }, harness, base),
    ];
    for (const { status } of [mine, nobodys, gone]) expect(status).toBe(404);
    for (const part of ['<nav', 'the-viewer'])
      expect([mine, nobodys, gone].map(({ text }) => text.includes(part))).toEqual([true, false, false]);
    // who reads on this machine without saying who it is
    expect((await get('/no-such-page')).text).toContain('<nav');
  });

  test('that is not there is a page, and an API’s route that is not there is JSON', async () => {
    const page = await get('/no-such-page');
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expectInert(page.text, '404');
    expect((await get('/drills/no-such-drill')).text).toContain('unknown drill');
    for (const path of ['/api/v1/nope', '/assets/0/nope.js']) {
      const { status, headers } = await get(path);
      expect([status, headers.get('content-type')]).toEqual([404, 'application/json; charset=utf-8']);
    }
    expect((await harness.call('GET', '/no-such-page')).json).toMatchObject({ error: { code: 'not_found' } });
    for (const path of ['/runs?before=x', '/runs?since=yesterday', '/runs?drill=A', '/?page=0', '/?q=a&q=b', '/scorecard?page=x']) {
      expect([path, (await get(path)).status]).toEqual([path, 400]);
    }
  });

  test('a login page for who may not read tells nothing of what goes on', async () => {
    harness.store.control.halt('ana', 'the reason');
    try {
      const { status, text } = await get('/login', {}, harness, `http://${outer}:${new URL(harness.url).port}`);
      expect(status).toBe(200);
      expect(text).not.toMatch(/HALTED|the reason|ana|running|href="\/runs|live\.js/);
    } finally {
      harness.store.control.unhalt('test');
    }
  });

  test('a defect shows nothing of itself', async () => {
    await using own = await startHarness({
      nextRuns: () => {
        throw new Error('secret of /home/ana');
      },
    });
    const { status, headers, text } = await get('/drills', {}, own);
    expect([status, headers.get('content-type')]).toEqual([500, 'text/html; charset=utf-8']);
    expect(text).not.toMatch(/secret|ana|at .*\.ts/);
    expect(own.log.join('')).toContain('secret of /home/ana');
  });
});

test('hostile names are inert and visible', async () => {
  const evil = '<img src=x onerror=alert(1)>\u202egnp\u001b[31m"\'&\u0000';
  const name = 'recycle-shop';
  await using own = await startHarness({
    catalogue: () => ({
      drills: [drill(name, { description: evil, source: { ...drill(name).source, text: evil } })],
      problems: [{ message: evil }],
    }),
    plan: async () => ({
      engine: evil,
      environment: evil,
      steps: [],
      idle: [{ name: evil, outcome: evil }],
      leftOut: [],
      notes: [],
      refusedNow: [evil],
    }),
  });
  const runId = own.openRun({ drill: name, actor: evil });
  own.store.runs.saveTargets(runId, [{ id: 'a'.repeat(64), name: evil, service: evil, image: evil, outcome: evil, leftOut: null }]);
  own.store.runs.addFindings(runId, [
    { probe: 'PRV-04', title: evil, target: evil, state: 'broken', severity: 'high', evidence: evil, waivedUntil: null },
  ]);
  own.store.events.add(runId, 'started', null, evil);
  const going = own.openRun({ drill: name });
  own.store.events.add(going, 'started', null, evil);
  own.store.runs.end(runId, { verdict: 'failed', reason: evil, exitCode: 1, residue: [] });
  own.store.control.halt(evil, evil);
  for (const path of ['/', '/drills', `/drills/${name}?plan=1`, '/runs', '/scorecard', `/?q=${encodeURIComponent(evil)}`]) {
    const { status, text } = await get(path, {}, own);
    expect([path, status]).toEqual([path, 200]);
    expectInert(text, path);
    expect(text, path).toContain('\u2039U+202E\u203a');
    expect(text, path).toContain('\u241b');
    expect(text.includes('\u202e') || text.includes('\u001b') || text.includes('\u0000'), path).toBe(false);
  }
});

describe('assets', () => {
  test('are kept for ever under the hash of their content', async () => {
    const { text } = await get('/');
    const paths = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(paths.map((path) => path.split('/').at(-1))).toEqual(expect.arrayContaining(['icon.svg', 'pitwall.css', 'live.js']));
    const folder = paths[0]?.split('/').slice(0, 3).join('/') ?? '';
    for (const path of [...paths, `${folder}/idiomorph.js`]) {
      const { status, headers } = await get(path);
      expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
    for (const path of ['/assets/0/live.js', `${folder}/../package.json`, `${folder}/..%2f..%2fpackage.json`, `${folder}/__proto__`]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
  });

  test('answers of the API and streams are not compressed', async () => {
    expect((await get('/api/v1/runs')).headers.get('content-encoding')).toBeNull();
  });
});

function expectInert(text: string, where: string): void {
  for (const { name, attributes } of tagsOf(text)) {
    expect([where, name, Object.keys(attributes).filter((key) => key === 'style' || key.startsWith('on'))]).toEqual([where, name, []]);
    expect(['style', 'iframe', 'object', 'embed', 'base', 'img'], where).not.toContain(name);
    if (name === 'script') expect([where, attributes.src]).toEqual([where, expect.stringMatching(/^\/assets\//)]);
    for (const key of ['href', 'src', 'action']) {
      const value = attributes[key];
      if (value !== undefined) expect([where, value]).toEqual([where, expect.stringMatching(/^(\/(?!\/)|#|\?)/)]);
    }
  }
  expect(text.match(/<script[^>]*>/g)?.length ?? 0, where).toBe(text.match(/<script[^>]*><\/script>/g)?.length ?? 0);
}

describe('live', () => {
  test('tells of a change within half a second, in the clear, and ends with the client', async () => {
    const leaving = new AbortController();
    const response = await fetch(`${harness.url}/live`, {
      headers: { accept: 'text/event-stream', 'accept-encoding': 'br, gzip' },
      signal: leaving.signal,
    });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(response.headers.get('content-encoding')).toBeNull();
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('retry: 2000\n\n');
    const read = reader?.read();
    harness.openRun();
    expect((await read)?.value).toBe('event: change\ndata:\n\n');
    leaving.abort();
    await expect(reader?.read()).rejects.toThrow();
  });

  test('has room for so many, and has it again when they are gone', async () => {
    await using own = await startHarness({}, { followers: 2 });
    const open = async () => {
      const leaving = new AbortController();
      const { status } = await fetch(`${own.url}/live`, { signal: leaving.signal });
      return { status, leave: () => leaving.abort() };
    };
    const [one, two, three] = [await open(), await open(), await open()];
    expect([one.status, two.status, three.status]).toEqual([200, 200, 503]);
    one.leave();
    await expect.poll(async () => (await open()).status, { timeout: 30_000 }).toBe(200);
  });

  test('is for who may read', async () => {
    const base = `http://${outer}:${new URL(harness.url).port}`;
    const { status, json } = await harness.call('GET', '/live', { base });
    expect([status, json]).toMatchObject([401, { error: { code: 'token_required' } }]);
  });
});
