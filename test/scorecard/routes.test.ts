import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { drillKinds } from '../../src/domain/words.ts';
import type { Scorecard } from '../../src/scorecard/scorecard.ts';
import { openStore } from '../../src/store/open.ts';
import { type Harness, outerAddress, startHarness } from '../server/harness.ts';
import { inDays, practise } from './practise.ts';
import { differences } from './recompute.mjs';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
  for (const kind of drillKinds) practise(harness.store, { kind });
});
afterAll(async () => harness[Symbol.asyncDispose]());

async function card(): Promise<Scorecard> {
  const { status, json } = await harness.call('GET', '/api/v1/scorecard');
  expect(status).toBe(200);
  return json as Scorecard;
}

test('the scorecard is of the whole minute, and of what is stored', async () => {
  const { at, grade, proven, coverage, services } = await card();
  expect(at).toMatch(/:00\.000Z$/);
  expect({ grade, proven, coverage }).toEqual({ grade: 'A+', proven: 1, coverage: 1 });
  expect(services.map(({ service }) => service)).toEqual(['web']);
});

test('it is another one at once when a run has ended, by this connection or another, and the same text until then', async () => {
  const before = await harness.call('GET', '/api/v1/scorecard');
  expect((await harness.call('GET', '/api/v1/scorecard')).text.replace(/"at":"[^"]*"/, '')).toBe(before.text.replace(/"at":"[^"]*"/, ''));
  const hole = { kind: 'lifecycle', drill: 'ends', probe: 'LC-01', severity: 'critical' } as const;
  const id = practise(harness.store, { ...hole, state: 'broken' });
  const { grade, caps, changes } = await card();
  expect({ grade, caps: caps.map(({ rule }) => rule) }).toEqual({ grade: 'C', caps: ['critical-broken'] });
  expect(changes[0]).toMatchObject({ type: 'broken', item: 'LC-01', service: 'web', runId: id });
  const other = openStore({ path: harness.store.path, clock: systemClock });
  practise(other, hole);
  other.close();
  expect((await card()).grade).toBe('A+');
});

test('its items are all that is needed to recompute it', async () => {
  practise(harness.store, {
    kind: 'segmentation',
    drill: 'walls',
    service: 'api',
    probe: 'NET-04',
    state: 'broken',
    waivedUntil: inDays(30),
  });
  const { json } = await harness.call('GET', '/api/v1/scorecard?items=true');
  expect((json as { items: unknown[] }).items.length).toBe(harness.store.proofs.all().length);
  expect(differences(json)).toEqual([]);
  expect((json as Scorecard).grade).toBe('A*');
  expect(((await harness.call('GET', '/api/v1/scorecard?items=false')).json as { items?: unknown }).items).toBeUndefined();
});

test('the badge is an SVG with grade, day and rubric, to be asked for anew each time', async () => {
  const { status, headers, text } = await harness.call('GET', '/api/v1/badge.svg');
  expect({ status, type: headers.get('content-type'), cache: headers.get('cache-control') }).toEqual({
    status: 200,
    type: 'image/svg+xml; charset=utf-8',
    cache: 'no-cache',
  });
  const { grade, at, rubric } = await card();
  expect(text).toContain(`aria-label="Pitwall scorecard: ${grade} on ${at.slice(0, 10)}, rubric ${rubric}"`);
  expect(text).not.toMatch(/<script|style=|href=|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
});

test('the history has a day when a card was kept, once', async () => {
  const { scorecards } = harness.deps;
  const history = async (query = '') =>
    (await harness.call('GET', `/api/v1/scorecard/history${query}`)).json as { days: { grade: string }[] };
  expect(await history()).toEqual({ days: [] });
  scorecards.keep(scorecards.card());
  const [first] = (await history()).days;
  // the same numbers a minute later are no news
  scorecards.keep(scorecards.card(Date.parse(scorecards.card().at) + 60_000));
  expect((await history('?days=1')).days).toEqual([first]);
  expect(first).toMatchObject({ rubric: '2026-11', grade: 'A*', areas: { sandbox: { proven: 1, coverage: 1 } } });
  practise(harness.store, { kind: 'detection', state: 'broken' });
  scorecards.keep(scorecards.card());
  expect((await history()).days).toEqual([expect.objectContaining({ grade: 'D*' })]);
});

test('pages and API read proof once for one change', async () => {
  const now = Date.UTC(2026, 10, 22, 12, 0, 30);
  // time passes between one reading of the clock and the next
  let passed = 0;
  await using own = await startHarness({}, undefined, { ...systemClock, now: () => now + (passed++ % 1_000) });
  practise(own.store, { kind: 'lifecycle' });
  const read = vi.spyOn(own.store.proofs, 'all');
  for (const path of ['/', '/scorecard', '/api/v1/scorecard', '/api/v1/scorecard?items=true'])
    expect((await own.call('GET', path)).status, path).toBe(200);
  expect(read).toHaveBeenCalledTimes(1);
  practise(own.store, { kind: 'detection' });
  for (const path of ['/scorecard', '/']) expect((await own.call('GET', path)).status, path).toBe(200);
  expect(read).toHaveBeenCalledTimes(2);
});

test('what is asked wrongly is said, and whoever is not here needs a token', async () => {
  for (const query of ['scorecard?items=yes', 'scorecard?itmes=true', 'scorecard/history?days=0', 'scorecard/history?days=x'])
    expect((await harness.call('GET', `/api/v1/${query}`)).status, query).toBe(400);
  const outer = outerAddress();
  if (outer === null) return;
  await using open = await startHarness({ config: { host: '0.0.0.0', port: 0, hosts: [outer] } });
  const base = open.url.replace(/\/\/[^:]+/, `//${outer}`);
  for (const path of ['scorecard', 'scorecard/history', 'badge.svg']) {
    expect((await open.call('GET', `/api/v1/${path}`, { base })).status).toBe(401);
    expect((await open.call('GET', `/api/v1/${path}`, { base, token: open.tokens.viewer })).status).toBe(200);
  }
});
