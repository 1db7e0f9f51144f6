import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RegisteredRoute } from '../../src/server/app.ts';
import { createApp } from '../../src/server/app.ts';
import { defaultLimits } from '../../src/server/limits.ts';

import { type Harness, outerAddress, startHarness } from './harness.ts';

let harness: Harness;
let routes: readonly RegisteredRoute[];
beforeAll(async () => {
  harness = await startHarness({ config: { host: '0.0.0.0', port: 0 } });
  const built = await createApp(harness.deps, defaultLimits, new AbortController().signal);
  // Those of the dashboard have a test of their own: pages.test.ts.
  routes = built.routes.filter(({ page }) => !page);
  await built.app.close();
});
afterAll(async () => harness[Symbol.asyncDispose]());

/** A path that leads to the route, of things that exist. Acting ones name what does not exist, so that nothing is done. */
function pathOf({ url, acting }: RegisteredRoute, runId: string): string {
  return url
    .replace('/drills/:name', acting ? '/drills/no-such-drill' : '/drills/recycle-shop')
    .replace('/runs/:id', `/runs/${acting ? '0'.repeat(26) : runId}`)
    .replace('/artifacts/:name', '/artifacts/plan')
    .replace(/\/(evidence|freezes)\/:id/, `/$1/ev_${'0'.repeat(26)}`);
}

function portOf(url: string): string {
  return new URL(url).port;
}

describe('tokens that are none', () => {
  const outer = outerAddress();

  test('a bad token is refused on every route, also where none is needed', async () => {
    await using own = await startHarness({ clock: { ...harness.deps.clock, monotonic: leaking() } });
    for (const route of routes) {
      for (const authorization of [
        'Bearer wrong',
        'Bearer',
        'Basic dXNlcjpwYXNz',
        `Bearer ${own.tokens.admin}x`,
        `Bearer ${own.tokens.admin}, Bearer x`,
        own.tokens.admin,
      ]) {
        const { status } = await own.call(route.method, pathOf(route, '0'.repeat(26)), { headers: { authorization } });
        expect(status, `${route.method} ${route.url} ${authorization}`).toBe(401);
      }
    }
  });

  test('readyz says nothing of the engines to who is elsewhere and nobody', async () => {
    const base = `http://${outer}:${portOf(harness.url)}`;
    expect((await harness.call('GET', '/readyz', { base })).json).toEqual({ ok: true, checks: [] });
    expect((await harness.call('GET', '/readyz')).json).toMatchObject({ checks: [{ name: 'local' }] });
  });
});

/** A clock on which so much time passes between two readings that the limit on bad tokens never bites. */
function leaking(): () => number {
  let now = 0;
  return () => (now += 10_000);
}

test('a route without a permission, or that acts without a name for it, keeps the server from starting', async () => {
  const build = () => createApp(harness.deps, defaultLimits, new AbortController().signal);
  const { app } = await build();
  expect(() => app.get('/forgotten', async () => 'x')).toThrow('route GET /forgotten declares no permission');
  expect(() => app.post('/forgotten', { config: { permission: 'read' } }, async () => 'x')).toThrow('declares no action');
  for (const permission of ['nothing', 'read'] as const) {
    expect(() => app.post('/open', { config: { permission, action: 'act' } }, async () => 'x')).toThrow('acts and asks for no more');
  }
  await app.close();
  const later = await build();
  later.app.register(async (scope) => void scope.get('/forgotten', async () => 'x'));
  await expect(later.app.ready()).rejects.toThrow('route GET /forgotten declares no permission');
});

test('guessing tokens is slow, and keeps nobody out who has one, nor readers without', async () => {
  await using own = await startHarness();
  const statuses: number[] = [];
  for (let i = 0; i < 25; i++) statuses.push((await own.call('GET', '/api/v1/drills', { token: `guess-${i}` })).status);
  expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
  expect(statuses.slice(20)).toEqual(Array(5).fill(429));
  const limited = await own.call('GET', '/api/v1/drills', { token: 'guess-26' });
  expect(limited.status).toBe(429);
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(limited.json).toMatchObject({ error: { code: 'too_many_bad_tokens' } });
  expect((await own.call('GET', '/api/v1/drills')).status).toBe(200);
  // an attacker at the same address must not be able to keep the brake from being pulled
  expect((await own.call('POST', '/api/v1/halt', { token: own.tokens.operator, body: { reason: 'stop' } })).status).toBe(200);
});

describe('the audit log', () => {
  test('has every act under the token’s name, the refused ones too, and never the token', async () => {
    await using own = await startHarness();
    await own.call('POST', '/api/v1/halt', { token: own.tokens.operator, body: { reason: 'smoke' } });
    await own.call('POST', '/api/v1/drills/recycle-shop/runs', { token: own.tokens.operator });
    await own.call('POST', '/api/v1/unhalt', { token: own.tokens.viewer });
    await own.call('POST', '/api/v1/unhalt', { token: 'secret-guess' });
    await own.call('POST', '/api/v1/unhalt');
    await own.call('POST', '/api/v1/unhalt', { token: own.tokens.operator, headers: { origin: 'http://evil.example' } });
    await own.call('POST', '/api/v1/halt', { token: own.tokens.operator, body: { reason: 7 } });
    const { json, text } = await own.call('GET', '/api/v1/audit', { token: own.tokens.admin });
    const { entries } = json as { entries: { who: string; act: string; object: string | null; data: unknown }[] };
    expect(entries.reverse().map(({ who, act, object, data }) => [who, act, object, data])).toEqual([
      ['the-operator', 'halt', null, { reason: 'smoke', outcome: 'allowed' }],
      ['the-operator', 'run', 'recycle-shop', { outcome: 'allowed' }],
      ['the-operator', 'run', 'recycle-shop', { outcome: 'refused', code: 'halted' }],
      ['the-viewer', 'unhalt', null, { outcome: 'refused', code: 'role_too_small' }],
      ['nobody', 'unhalt', null, { outcome: 'refused', code: 'bad_token' }],
      ['nobody', 'unhalt', null, { outcome: 'refused', code: 'token_required' }],
      ['nobody', 'unhalt', null, { outcome: 'refused', code: 'foreign_origin' }],
      ['the-operator', 'halt', null, { outcome: 'refused', code: 'invalid_request' }],
    ]);
    for (const secret of [...Object.values(own.tokens), 'secret-guess']) {
      expect(text).not.toContain(secret);
      expect(own.log.join('')).not.toContain(secret);
    }
  });

  test('an act that cannot be written down is not done', async () => {
    const audit = {
      record: () => {
        throw new Error('disk full');
      },
      list: () => [],
    };
    await using own = await startHarness({ audit });
    const { status, json } = await own.call('POST', '/api/v1/halt', { token: own.tokens.operator });
    expect([status, json]).toMatchObject([500, { error: { code: 'defect' } }]);
    expect(own.store.control.halted()).toBeNull();
  });

  test('nobody without a name can fill it', async () => {
    await using own = await startHarness();
    for (let i = 0; i < 40; i++) await own.call('POST', '/api/v1/halt');
    const { json } = await own.call('GET', '/api/v1/audit?limit=200', { token: own.tokens.admin });
    expect((json as { entries: unknown[] }).entries.length).toBeLessThanOrEqual(21);
  });
});
