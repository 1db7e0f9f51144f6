import { expect, test } from 'vitest';
import { finding, record } from '../testkit.ts';
import { changesSince } from './changes.ts';

const before = record({ id: '01BEFORE', findings: [finding(), finding({ target: 'shop-web-2', state: 'holds' })] });

test('another replica of the same service, in any number, is nothing new', () => {
  const moved = finding({ target: 'shop-web-2', evidence: 'other words' });
  const changes = changesSince(before, record({ findings: [moved] }));
  expect(changes.of(moved)).toBe('unchanged');
  expect([changes.added, changes.changed, changes.gone]).toEqual([[], [], []]);
});

test('another service, another state and a waiver that ended are', () => {
  const elsewhere = finding({ target: 'shop-db-1' });
  expect(changesSince(before, record({ findings: [elsewhere] })).of(elsewhere)).toBe('new');
  const unsure = finding({ state: 'inconclusive' });
  const changes = changesSince(before, record({ findings: [unsure] }));
  expect(changes.changed).toEqual([{ finding: unsure, was: 'broken' }]);
  const waived = record({ findings: [finding({ waivedUntil: '2026-12-01T00:00:00.000Z' })] });
  const after = record({ findings: [finding()] });
  expect(changesSince(waived, after).changed[0]?.was).toBe('broken, waived');
});

test('what is not asked any more is gone', () => {
  expect(changesSince(before, record({ findings: [] })).gone).toEqual([finding()]);
});

test('what is broken more gravely is not as before', () => {
  const [was, now] = [record({ findings: [finding()] }), record({ findings: [finding({ severity: 'critical' })] })];
  expect(changesSince(was, now).changed).toMatchObject([{ was: 'broken, high' }]);
  expect(changesSince(was, was).changed).toEqual([]);
});
