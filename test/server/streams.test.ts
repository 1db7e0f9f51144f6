/** Who may hold how many streams, and for how long. */
import { expect, onTestFinished, test } from 'vitest';
import { revokeToken } from '../../src/access/tokens.ts';
import { systemClock } from '../../src/clock.ts';
import { cookieOf } from './browsing.ts';
import { type Harness, outerAddress, startHarness } from './harness.ts';

/** Time that runs a hundred times as fast. */
const fast = {
  ...systemClock,
  monotonic: () => systemClock.monotonic() * 100,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 100, signal),
};

async function opened(url: string, headers: Readonly<Record<string, string>> = {}) {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const response = await fetch(url, { signal: leaving.signal, headers: { accept: 'text/event-stream', ...headers } });
  const code = response.ok ? null : ((await response.json()) as { error: { code: string } }).error.code;
  const ended = async () => {
    for await (const _ of response.body ?? []);
    return true;
  };
  return { status: response.status, code, ended, leave: () => leaving.abort() };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const routes: readonly (readonly [name: string, path: (harness: Harness) => string])[] = [
  ['/live', () => '/live'],
  ['a run’s events', (harness) => `/api/v1/runs/${harness.openRun()}/events`],
];

test.each(routes)('%s: one caller cannot hold all of the streams', async (_, pathOf) => {
  await using harness = await startHarness({ config: { host: '0.0.0.0', port: 0 } }, { followers: 4, followersEach: 2 });
  const { port } = new URL(harness.url);
  const path = pathOf(harness);
  const [here, there] = ['127.0.0.1', outerAddress()].map((host) => `http://${host}:${port}${path}`) as [string, string];
  const all = [await opened(here), await opened(here), await opened(here)];
  expect(all.map(({ status, code }) => [status, code])).toEqual([
    [200, null],
    [200, null],
    [429, 'too_many_followers'],
  ]);
  // a token is the same caller wherever it comes from
  const ana = bearer(harness.tokens.viewer);
  expect([(await opened(here, ana)).status, (await opened(there, ana)).status, (await opened(there, ana)).status]).toEqual([200, 200, 429]);
  expect((await opened(here, bearer(harness.tokens.operator))).status).toBe(503);
  all[0]?.leave();
  await expect.poll(async () => (await opened(here, bearer(harness.tokens.operator))).status, { timeout: 30_000 }).toBe(200);
});

test.each(routes)('%s: a stream ends when its token is revoked or its session is over, and no other does', async (_, pathOf) => {
  await using harness = await startHarness({ clock: fast });
  const url = `${harness.url}${pathOf(harness)}`;
  const session = (token: string) => harness.deps.sessions.open(token)?.secret ?? '';
  const secret = session(harness.tokens.admin);
  const byRevoked = await opened(url, bearer(harness.tokens.viewer));
  const ofRevoked = await opened(url, { cookie: cookieOf(session(harness.tokens.viewer), url) });
  const byOver = await opened(url, { cookie: cookieOf(secret, url) });
  const others = [await opened(url), await opened(url, bearer(harness.tokens.admin))];
  revokeToken(harness.store, 'the-viewer');
  harness.deps.sessions.end(secret);
  expect(await Promise.all([byRevoked, ofRevoked, byOver].map(({ ended }) => ended()))).toEqual([true, true, true]);
  const over = others.map(({ ended }) => ended().catch(() => false));
  expect(await Promise.race([...over, systemClock.sleep(600).then(() => 'goes on')])).toBe('goes on');
});
