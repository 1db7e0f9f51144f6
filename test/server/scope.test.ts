/** What a token's scope leaves alone, where the act itself says what it is about. Routes as such: roles.test.ts. */
import { expect, test } from 'vitest';
import { createToken } from '../../src/access/tokens.ts';
import { markOf } from '../../src/domain/mark.ts';
import { type Harness, openCase, startHarness } from './harness.ts';

type Answered = Awaited<ReturnType<Harness['call']>>;
const said = ({ status, json }: Answered) => [status, (json as { error?: { code: string } }).error?.code ?? null];

function narrow({ store }: Harness, name: string, ...scope: string[]): string {
  return createToken(store, name, 'admin', { scope });
}

test('a run of a drill, and ending it', async () => {
  await using own = await startHarness();
  const token = narrow(own, 'ci', 'drill:by-*');
  const start = (drill: string) => own.call('POST', `/api/v1/drills/${drill}/runs`, { token });
  expect(said(await start('recycle-shop'))).toEqual([403, 'out_of_scope']);
  expect(own.store.runs.list()).toEqual([]);
  const started = await start('by-hand');
  expect(started.status).toBe(202);
  const abort = (id: string, by = token) => own.call('POST', `/api/v1/runs/${id}/abort`, { token: by });
  expect((await abort((started.json as { id: string }).id)).status).toBe(202);
  expect(said(await abort(own.openRun()))).toEqual([403, 'out_of_scope']);
  // of a freeze on demand there is no drill
  expect(said(await abort(own.openRun({ drill: null })))).toEqual([403, 'out_of_scope']);
  const run = own.openRun();
  const target = { id: 'a', service: null, image: 'x', outcome: null, leftOut: null };
  const onShop = narrow(own, 'shop', 'container:shop-*');
  expect(said(await abort(run, onShop))).toEqual([403, 'out_of_scope']);
  own.store.runs.saveTargets(run, [
    { ...target, name: 'shop-1' },
    { ...target, id: 'b', name: 'db-1' },
  ]);
  expect(said(await abort(run, onShop))).toEqual([403, 'out_of_scope']);
  own.store.runs.saveTargets(run, [{ ...target, name: 'shop-1' }]);
  expect((await abort(run, onShop)).status).toBe(202);
});

test('freezes, and what becomes of what is held', async () => {
  await using own = await startHarness();
  const evidence = `ev_${'0'.repeat(26)}`;
  openCase(own.store, evidence);
  const shop = narrow(own, 'shop', 'container:shop-*', 'engine:loc*');
  const db = narrow(own, 'db', 'container:db-*');
  const drills = narrow(own, 'drills', 'drill:*');
  const freeze = (token: string, ...containers: string[]) => own.call('POST', '/api/v1/freezes', { token, body: { containers } });
  expect((await freeze(shop, 'shop-web-1')).status).toBe(202);
  expect(said(await freeze(shop, 'shop-web-1', 'db-1'))).toEqual([403, 'out_of_scope']);
  expect(said(await freeze(drills, 'shop-web-1'))).toEqual([403, 'out_of_scope']);
  const move = (token: string, act: string, body: unknown) => own.call('POST', `/api/v1/freezes/${evidence}/${act}`, { token, body });
  for (const token of [db, drills]) {
    expect(said(await move(token, 'release', { to: 'kill' }))).toEqual([403, 'out_of_scope']);
    expect(said(await move(token, 'lease', { lease: '9h' }))).toEqual([403, 'out_of_scope']);
  }
  expect(own.store.holds.get(evidence)?.deadline).toBe(2_000);
  expect([(await move(shop, 'release', { to: 'resume' })).status, (await move(shop, 'lease', { lease: '9h' })).status]).toEqual([200, 200]);
  const { json } = await own.call('GET', '/api/v1/audit?limit=200', { token: own.tokens.admin });
  const refused = (json as { entries: { who: string; data: { code?: string } }[] }).entries.filter(
    ({ data }) => data.code === 'out_of_scope',
  );
  expect(new Set(refused.map(({ who }) => who))).toEqual(new Set(['shop', 'db', 'drills']));
  expect(refused.length).toBe(6);
});

test('an alert is noted in runs that are in the scope alone', async () => {
  await using own = await startHarness();
  const run = own.openRun({ drill: 'by-hand' });
  const note = async (token: string) =>
    (await own.call('POST', '/webhooks/alerts', { token, body: { rule: 'x', text: markOf(run, '0123456789ab') } })).json;
  expect(await note(narrow(own, 'other', 'drill:recycle-*'))).toEqual({ noted: 0 });
  expect(await note(narrow(own, 'containers', 'container:*'))).toEqual({ noted: 0 });
  expect(await note(narrow(own, 'this', 'drill:by-*'))).toEqual({ noted: 1 });
});
