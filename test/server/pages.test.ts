/** The dashboard by HTTP, as a browser without scripts sees it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Harness, startHarness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(async () => harness[Symbol.asyncDispose]());

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

function get(path: string, cookie = ''): Promise<Answer> {
  return harness.call('GET', path, { headers: { ...html, ...(cookie === '' ? {} : { cookie }) } });
}

function post(path: string, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return harness.call('POST', path, {
    body: new URLSearchParams(fields).toString(),
    headers: { ...html, 'content-type': 'application/x-www-form-urlencoded', origin: harness.url, ...headers },
  });
}

async function login(token: string): Promise<string> {
  const { headers } = await post('/login', { token });
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

test('a token begins a session, and the session acts by forms', async () => {
  const answer = await post('/login', { token: harness.tokens.operator, next: '/?q=web' });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/?q=web']);
  expect(answer.headers.get('set-cookie')).toMatch(/^pitwall_session=[\w-]{43}; Path=\/; Expires=.*GMT; HttpOnly; SameSite=Strict$/);
  const cookie = await login(harness.tokens.operator);
  const page = await get('/', cookie);
  const csrf = /name="csrf" value="([\w-]+)"/.exec(page.text)?.[1] ?? '';
  const halted = await post('/halt', { csrf, reason: 'smoke', back: '/?q=1' }, { cookie });
  expect([halted.status, halted.headers.get('location')]).toEqual([303, '/?q=1']);
  expect(harness.store.control.halted()).toMatchObject({ by: 'the-operator', reason: 'smoke' });
  expect((await get('/', cookie)).text).toContain('HALTED');
  expect((await post('/unhalt', { csrf }, { cookie })).status).toBe(303);
  expect(harness.store.control.halted()).toBeNull();
});
