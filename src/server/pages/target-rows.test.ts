import { expect, test } from 'vitest';
import type { Proof } from '../../domain/proof.ts';
import type { TargetView } from '../../runner/targets/target-view.ts';
import { aHold, aView, day, now } from '../../web/fixtures/made.ts';
import { lastDrills } from './last-drills.ts';
import { countGroups, search, targetRows } from './target-rows.ts';

const rows = (views: readonly TargetView[], holds = [aHold({ containerId: 'f'.repeat(64) })]) =>
  targetRows({ views, holds, lastOf: () => null, now });

const limit = { drill: 'weekly', ms: 7 * day, of: 'container' } as const;
const views = [
  aView({ id: '1', name: 'fine' }),
  aView({ id: '2', name: 'b-closed', leftOut: 'not opted in', kinds: [] }),
  aView({ id: '3', name: 'a-closed', leftOut: 'not opted in', kinds: [] }),
  aView({ id: '4', name: 'old', createdAt: now - 7 * day }),
  aView({ id: '5', name: 'old-and-closed', createdAt: now - 8 * day, leftOut: 'not opted in', kinds: [] }),
  aView({ id: 'f'.repeat(64), name: 'suspect', createdAt: now - 8 * day }),
  aView({ id: '6', name: 'restarted', createdAt: now - 90 * day, limit: { ...limit, of: 'processes' } }),
  aView({ id: '7', name: 'without', createdAt: now - 90 * day, limit: null }),
];

test('what matters most comes first: frozen, over age, not opted in, then by name', () => {
  const sorted = rows(views).map(({ view }) => view.name);
  expect(sorted).toEqual(['suspect', 'old', 'old-and-closed', 'a-closed', 'b-closed', 'fine', 'restarted', 'without']);
  expect(countGroups(rows(views))).toEqual({ frozen: 1, 'over-age': 2, 'not-opted-in': 2, 'opted-in': 3 });
});

test('an age is held against a limit of the container alone', () => {
  const used = Object.fromEntries(rows(views).map((row) => [row.view.name, row.used]));
  expect(used).toMatchObject({ old: 1, restarted: null, without: null });
  expect(used.fine).toBeCloseTo(3 / 7);
});

test('a clock that is behind the engine’s makes no age below nothing', () => {
  expect(rows([aView({ createdAt: now + 5_000 })])[0]).toMatchObject({ ageMs: 0, used: 0 });
});

test.each([
  ['', 3],
  ['  WEB ', 2],
  ['shop web', 1],
  ['far', 1],
  ['abc123', 1],
  ['shop far', 0],
  ['.*', 0],
])('searching %j finds %i', (text, n) => {
  const some = [
    aView({ name: 'one', service: 'web' }),
    aView({ name: 'web-2', service: null, project: null, image: 'x', engine: 'far' }),
    aView({ name: 'three', service: null, project: null, image: 'y', id: `abc123${'0'.repeat(58)}` }),
  ];
  expect(search(rows(some), text)).toHaveLength(n);
});

const proof = (change: Partial<Proof>): Proof =>
  ({ engine: 'local', drill: 'weekly', kind: 'reverse-uptime', subject: 'web', targets: [], runId: 'R1', at: 1, ...change }) as Proof;

test('the newest run that worked on a container is its last drill', () => {
  const proofs = [
    proof({ targets: ['shop-web-1'], runId: 'R2', at: 20 }),
    proof({ targets: ['shop-web-1'], runId: 'R1', at: 10 }),
    proof({ targets: ['shop-web-1'], runId: 'R9', at: 90, engine: 'far' }),
    proof({ targets: ['shop-web-10'], runId: 'R8', at: 80, subject: 'other', drill: '', kind: 'forensic-freeze' }),
  ];
  expect(lastDrills(proofs, [aView()])(aView())).toEqual({ runId: 'R2', drill: 'weekly', kind: 'reverse-uptime', at: 20, on: 'container' });
  const ten = aView({ name: 'shop-web-10', service: null });
  expect(lastDrills(proofs, [ten])(ten)).toMatchObject({ runId: 'R8', drill: null, kind: 'forensic-freeze' });
});

test('one that is newer than every run is known by its service, and not by another project’s of the same name', () => {
  const fresh = aView({ id: 'b', name: 'shop-web-2' });
  const other = aView({ id: 'c', name: 'else-web-1', project: 'else' });
  const proofs = [proof({ targets: ['shop-web-1'], at: 20 })];
  expect(lastDrills(proofs, [aView(), fresh, other])(fresh)).toMatchObject({ runId: 'R1', on: 'service' });
  expect(lastDrills(proofs, [aView(), fresh, other])(other)).toBeNull();
  // every container of the service is new
  expect(lastDrills(proofs, [fresh])(fresh)).toMatchObject({ runId: 'R1', on: 'service' });
  expect(lastDrills(proofs, [fresh, other])(fresh)).toBeNull();
  expect(lastDrills(proofs, [])(aView({ name: 'lone', service: null }))).toBeNull();
});
