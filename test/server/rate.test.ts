import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { outerAddress, startHarness } from './harness.ts';

const limits = { acts: 5, reads: 5, alerts: 3 };

test('who acts too often waits, and is told how long; each act and each token by itself', async () => {
  let now = 0;
  await using own = await startHarness({ clock: { ...systemClock, monotonic: () => now } }, limits);
  const run = (token = own.tokens.operator) => own.call('POST', '/api/v1/drills/no-such/runs', { token });
  for (let i = 0; i < 5; i++) expect((await run()).status).toBe(404);
  const refused = await run();
  expect([refused.status, refused.json]).toMatchObject([429, { error: { code: 'too_many_requests' } }]);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect((await run(own.tokens.admin)).status).toBe(404);
  // Whoever started too much must be able to stop it.
  expect((await own.call('POST', '/api/v1/halt', { token: own.tokens.operator })).status).toBe(200);
  now += 1_000;
  expect([(await run()).status, (await run()).status]).toEqual([404, 429]);
  for (let i = 0; i < 60; i++) await run();
  const { json } = await own.call('GET', '/api/v1/audit?limit=200', { token: own.tokens.admin });
  // What is refused for coming too often does not fill the disk.
  expect(
    (json as { entries: { data: { code: string } }[] }).entries.filter(({ data }) => data.code === 'too_many_requests').length,
  ).toBeLessThan(25);
});

test('reading has a limit of its own, but for who is on this machine without a token', async () => {
  let now = 0;
  await using own = await startHarness({ config: { host: '0.0.0.0', port: 0 }, clock: { ...systemClock, monotonic: () => now } }, limits);
  const statuses = async (options: Parameters<typeof own.call>[2]) => {
    const seen: number[] = [];
    for (let i = 0; i < 7; i++) seen.push((await own.call('GET', '/api/v1/halt', options)).status);
    return seen;
  };
  expect(await statuses({})).toEqual(Array(7).fill(200));
  expect(await statuses({ token: own.tokens.viewer })).toEqual([...Array(5).fill(200), 429, 429]);
  now += 10;
  expect((await own.call('GET', '/api/v1/halt', { token: own.tokens.viewer })).status).toBe(200);
  const outer = outerAddress();
  expect(await statuses({ base: `http://${outer}:${new URL(own.url).port}` })).toEqual([...Array(5).fill(401), 429, 429]);
});

test('alerts have a limit that a storm does not reach soon', async () => {
  let now = 0;
  await using own = await startHarness({ clock: { ...systemClock, monotonic: () => now } }, limits);
  const alert = async () => (await own.call('POST', '/webhooks/alerts', { token: own.tokens.responder, body: { rule: 'x' } })).status;
  expect([await alert(), await alert(), await alert(), await alert()]).toEqual([200, 200, 200, 429]);
  now += 100;
  expect(await alert()).toBe(200);
});
