/** All routes × everyone who may come. Written by hand, not derived: who may do what is a promise. */
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roles } from '../../src/access/roles.ts';
import { csrfOf } from '../../src/access/sessions.ts';
import { createToken, revokeToken, verifyToken } from '../../src/access/tokens.ts';
import { createApp, type RegisteredRoute } from '../../src/server/app.ts';
import { defaultLimits } from '../../src/server/limits.ts';
import { cookieOf } from './browsing.ts';
import { type Answer, type Harness, openCase, outerAddress, startHarness } from './harness.ts';

/**
 * `+` done, `t` 401, `r` 403 role_too_small, `s` 403 out_of_scope. In this order: nobody from here, nobody from elsewhere,
 * viewer, operator, responder, admin, an admin's token for engine:local alone, an admin's token for other things.
 */
const promised: Readonly<Record<string, string>> = {
  'GET /api/v1/drills': '+ t + + + + + +',
  'GET /api/v1/drills/:name': '+ t + + + + + +',
  'GET /api/v1/drills/:name/plan': '+ t + + + + + +',
  'POST /api/v1/drills/:name/runs': 't t r + r + + s',
  'GET /api/v1/runs': '+ t + + + + + +',
  'GET /api/v1/runs/:id': '+ t + + + + + +',
  'GET /api/v1/runs/:id/artifacts/:name': '+ t + + + + + +',
  'POST /api/v1/runs/:id/abort': 't t r + + + + s',
  'GET /api/v1/runs/:id/events': '+ t + + + + + +',
  'GET /api/v1/targets': '+ t + + + + + +',
  'GET /api/v1/probes': '+ t + + + + + +',
  'GET /api/v1/halt': '+ t + + + + + +',
  // stopping is for every scope, letting go on for none
  'POST /api/v1/halt': 't t r + + + + +',
  'POST /api/v1/unhalt': 't t r + r + s s',
  'GET /api/v1/freezes': '+ t + + + + + +',
  'POST /api/v1/freezes': 't t r r + + + s',
  'POST /api/v1/freezes/:id/release': 't t r r + + + s',
  'POST /api/v1/freezes/:id/lease': 't t r r + + + s',
  'GET /api/v1/evidence': 't t r r + + + +',
  'GET /api/v1/evidence/:id': 't t r r + + + +',
  'GET /api/v1/evidence/:id/manifest': 't t r r + + + +',
  'GET /api/v1/evidence/:id/custody': 't t r r + + + +',
  'GET /api/v1/evidence/:id/verify': 't t r r + + + +',
  'GET /api/v1/evidence/:id/download': 't t r r + + + +',
  'GET /api/v1/audit': 't t r r r + + +',
  'GET /api/v1/audit/verify': 't t r r r + + +',
  'GET /api/v1/scorecard': '+ t + + + + + +',
  'GET /api/v1/scorecard/history': '+ t + + + + + +',
  'GET /api/v1/badge.svg': '+ t + + + + + +',
  'GET /api/v1/reports': '+ t + + + + + +',
  'POST /api/v1/reports': 't t r + + + + +',
  'GET /api/v1/reports/:id': '+ t + + + + + +',
  'GET /healthz': '+ + + + + + + +',
  'HEAD /healthz': '+ + + + + + + +',
  'GET /readyz': '+ + + + + + + +',
  'HEAD /readyz': '+ + + + + + + +',
  'GET /metrics': '+ t + + + + + +',
  'GET /openapi.json': '+ t + + + + + +',
  // what is noted or frozen is decided for each alert; test/server/scope.test.ts
  'POST /webhooks/alerts': 't t r r + + + +',
  'POST /webhooks/falco': 't t r r + + + +',
  'GET /live': '+ t + + + + + +',
  // the dashboard's, whose callers come by a session
  'GET /assets/:hash/:name': '+ + + + + + + +',
  'GET /login': '+ + + + + + + +',
  'POST /login': '+ + + + + + + +',
  'POST /logout': 't t + + + + + +',
  'GET /': '+ t + + + + + +',
  'GET /drills': '+ t + + + + + +',
  'GET /drills/:name': '+ t + + + + + +',
  'POST /drills/:name/runs': 't t r + r + + s',
  'GET /runs': '+ t + + + + + +',
  'GET /runs/:id': '+ t + + + + + +',
  'POST /runs/:id/abort': 't t r + + + + s',
  'GET /segmentation': '+ t + + + + + +',
  'GET /rotation': '+ t + + + + + +',
  'GET /reports': '+ t + + + + + +',
  'POST /reports': 't t r + + + + +',
  'GET /scorecard': '+ t + + + + + +',
  'GET /targets': '+ t + + + + + +',
  'GET /targets/:id': '+ t + + + + + +',
  'POST /targets/:id/freeze': 't t r r + + + s',
  'GET /evidence': 't t r r + + + +',
  'GET /evidence/:id': 't t r r + + + +',
  'POST /evidence/:id/detail': 't t r r + + + +',
  'POST /evidence/:id/download': 't t r r + + + +',
  'POST /evidence/:id/manifest': 't t r r + + + +',
  'POST /evidence/:id/verify': 't t r r + + + +',
  'POST /evidence/:id/release': 't t r r + + + s',
  'POST /evidence/:id/lease': 't t r r + + + s',
  'GET /audit': 't t r r r + + +',
  'POST /halt': 't t r + + + + +',
  'POST /unhalt': 't t r + r + s s',
};

const bodies: Readonly<Record<string, unknown>> = {
  'POST /api/v1/freezes': { containers: ['shop-web-1'] },
  'POST /api/v1/freezes/:id/release': { to: 'resume' },
  'POST /api/v1/freezes/:id/lease': { lease: '1h' },
  'POST /webhooks/alerts': { rule: 'x' },
  'POST /webhooks/falco': { rule: 'x', priority: 'Warning', output: 'x', output_fields: {} },
};

/** Of the dashboard's forms. */
const fields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'POST /targets/:id/freeze': { reason: 'smoke' },
  'POST /evidence/:id/release': { to: 'resume' },
  'POST /evidence/:id/lease': { lease: '1h' },
};

const letters: Readonly<Record<string, string>> = {
  '401 token_required': 't',
  '401 session_required': 't',
  '403 role_too_small': 'r',
  '403 out_of_scope': 's',
};

let harness: Harness;
let routes: readonly RegisteredRoute[];
let runId: string;
let asset: string;
let reportId: string;
const evidenceId = `ev_${'0'.repeat(26)}`;
const outer = outerAddress();
beforeAll(async () => {
  harness = await startHarness({ config: { host: '0.0.0.0', port: 0 } });
  const built = await createApp(harness.deps, defaultLimits, new AbortController().signal);
  routes = built.routes;
  await built.app.close();
  runId = harness.openRun();
  harness.store.runs.addArtifact(runId, 'plan', 'application/json', '{}');
  openCase(harness.store, evidenceId);
  reportId = (await harness.deps.reports.make({})).id;
  asset = /\/assets\/[^"]+/.exec((await harness.call('GET', '/login')).text)?.[0] ?? '';
});
afterAll(async () => harness[Symbol.asyncDispose]());

const nameOf = ({ method, url }: RegisteredRoute) => `${method} ${url}`;

/** A path that leads to the route, of things that exist. */
function pathOf({ url }: RegisteredRoute): string {
  return url
    .replace('/drills/:name', '/drills/recycle-shop')
    .replace('/runs/:id', `/runs/${runId}`)
    .replace('/artifacts/:name', '/artifacts/plan')
    .replace('/reports/:id', `/reports/${reportId}`)
    .replace('/assets/:hash/:name', asset)
    .replace('/targets/:id', `/targets/${'a'.repeat(64)}`)
    .replace(/\/(evidence|freezes)\/:id/, `/$1/${evidenceId}`);
}

async function ask(
  route: RegisteredRoute,
  token: string | undefined,
  host = '127.0.0.1',
  as: 'session' | 'bearer' = 'session',
): Promise<Answer> {
  // Nothing starts while a halt of the row before goes on.
  if (harness.store.control.halted() !== null && !route.url.includes('halt')) harness.store.control.unhalt('test');
  const base = `http://${host}:${new URL(harness.url).port}`;
  if (route.url === '/live' && (token !== undefined || host === '127.0.0.1')) return opened(`${base}/live`, token);
  if (!route.page) return harness.call(route.method, pathOf(route), { token, base, body: bodies[nameOf(route)] });
  const session = as === 'session' && token !== undefined ? harness.deps.sessions.open(token) : null;
  const sent = {
    ...fields[nameOf(route)],
    ...(session === null ? {} : { csrf: csrfOf(session.secret) }),
    ...(route.url === '/login' ? { token: harness.tokens.viewer } : {}),
  };
  return harness.call(route.method, pathOf(route), {
    base,
    headers: {
      ...(session === null ? {} : { cookie: cookieOf(session.secret, harness.url) }),
      ...(route.method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
    ...(as === 'bearer' ? { token } : {}),
    ...(route.method === 'POST' ? { body: new URLSearchParams(sent).toString() } : {}),
  });
}

/** A stream has no end, so how it began is the answer. */
async function opened(url: string, token: string | undefined): Promise<Answer> {
  const gone = new AbortController();
  const { status, headers } = await fetch(url, {
    signal: gone.signal,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  gone.abort();
  return { status, headers, text: '', json: null };
}

function letterOf(answer: Answer): string {
  return answer.status < 400 ? '+' : (letters[`${answer.status} ${codeOf(answer)}`] ?? `${answer.status} ${codeOf(answer)}`);
}

/** Pages say it in words: `<span>403</span> out of scope`. */
function codeOf({ json, text }: Answer): string | undefined {
  const inPage = /<span class="num">\d+<\/span> ([a-z ]+)</.exec(text)?.[1]?.replaceAll(' ', '_');
  return (json as { error?: { code: string } } | null)?.error?.code ?? inPage;
}

function token(name: string, terms: Parameters<typeof createToken>[3]): string {
  return createToken(harness.store, name, 'admin', terms);
}

test('every route is in the table', () => {
  expect(routes.map(nameOf).sort()).toEqual(Object.keys(promised).sort());
});

test('everyone on every route', async () => {
  const within = token('within', { scope: ['engine:local'] });
  const outside = token('outside', { scope: ['drill:other', 'engine:other', 'container:other'] });
  const named = [...roles.map((role) => harness.tokens[role]), within, outside];
  const seen: Record<string, string> = {};
  for (const route of routes) {
    const answers = [await ask(route, undefined)];
    const elsewhere = letterOf(await ask(route, undefined, outer));
    for (const one of named) answers.push(await ask(route, one));
    const [here = '', ...rest] = answers.map(letterOf);
    seen[nameOf(route)] = [here, elsewhere, ...rest].join(' ');
  }
  expect(seen).toEqual(promised);
});

describe('a token is the same from elsewhere', () => {
  test.each(roles)('%s', async (role) => {
    const column = 2 + roles.indexOf(role);
    for (const route of routes) {
      const answer = await ask(route, harness.tokens[role], outer);
      expect(letterOf(answer), nameOf(route)).toBe(promised[nameOf(route)]?.split(' ')[column]);
    }
  });
});

test('expired and revoked tokens are worth nothing anywhere, also where none is needed', async () => {
  const expired = token('expired', { expiresAt: Date.now() - 1 });
  const revoked = token('revoked', {});
  revokeToken(harness.store, 'revoked');
  for (const route of routes) {
    const answer =
      route.url === '/live' ? await harness.call('GET', '/live', { token: expired }) : await ask(route, expired, '127.0.0.1', 'bearer');
    expect([answer.status, route.method === 'HEAD' ? 'token_expired' : codeOf(answer)], nameOf(route)).toEqual([401, 'token_expired']);
  }
  // A clock on which wrong tokens are forgotten at once: the limit on them is tested elsewhere.
  let now = 0;
  const clock = { ...harness.deps.clock, monotonic: () => (now += 10_000) };
  await using own = await startHarness({ clock, tokens: harness.deps.tokens });
  for (const route of routes) {
    const headers = route.page && route.method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    const answer = await own.call(route.method, pathOf(route), {
      token: revoked,
      headers,
      ...(route.method === 'POST' ? { body: '{}' } : {}),
    });
    expect([answer.status, route.method === 'HEAD' ? 'bad_token' : codeOf(answer)], nameOf(route)).toEqual([401, 'bad_token']);
  }
});

test('a session ends with its token', async () => {
  const revoked = harness.deps.sessions.open(token('revoked-later', {}));
  const expiring = createToken(harness.store, 'expiring', 'admin', { expiresAt: Date.now() + 600_000 });
  const expired = harness.deps.sessions.open(expiring);
  const act = async (session: typeof revoked) => {
    const secret = session?.secret ?? '';
    const headers = { cookie: cookieOf(secret, harness.url), 'content-type': 'application/x-www-form-urlencoded' };
    return (await harness.call('POST', '/halt', { headers, body: new URLSearchParams({ csrf: csrfOf(secret) }).toString() })).status;
  };
  expect([await act(revoked), await act(expired)]).toEqual([303, 303]);
  revokeToken(harness.store, 'revoked-later');
  const database = new Database(harness.store.path);
  database.prepare("UPDATE tokens SET expires_at = ? WHERE name = 'expiring'").run(Date.now() - 1);
  database.close();
  expect(verifyToken(harness.store, expiring)).toBe('expired');
  expect([await act(revoked), await act(expired)]).toEqual([401, 401]);
});
