import { expect, it } from 'vitest';
import { drill } from '../../../test/server/harness.ts';
import { createKept, createNextRuns } from './kept.ts';

it('is made once for as long as nothing changes, and a few minutes at most', () => {
  let [now, version, made] = [1_000_000, '1', 0];
  const kept = createKept({ version: () => version }, { now: () => now }, () => ({ at: now, n: ++made }));
  expect([kept(), kept()]).toEqual([
    { at: 1_000_000, n: 1 },
    { at: 1_000_000, n: 1 },
  ]);
  version = '2';
  expect(kept().n).toBe(2);
  now += 299_999;
  expect(kept().n).toBe(2);
  now += 1;
  expect(kept().n).toBe(3);
  now -= 86_400_000;
  expect(kept()).toEqual({ at: now, n: 4 });
});

it('knows the next instants until the first has passed, or the schedule is another one', () => {
  let now = 0;
  const asked: string[] = [];
  const next = createNextRuns(
    ({ name, schedule }, n) => {
      asked.push(name);
      return schedule === null ? [] : Array.from({ length: n }, (_, i) => (Math.floor(now / 100) + 1 + i) * 100);
    },
    { now: () => now },
    2,
  );
  const [a, b] = [drill('a'), drill('b')];
  expect([...next([a, b])]).toEqual([
    ['a', [100, 200]],
    ['b', [100, 200]],
  ]);
  now = 99;
  next([a, b]);
  expect(asked).toEqual(['a', 'b']);
  now = 100;
  expect(next([a]).get('a')).toEqual([200, 300]);
  expect(next([drill('a', { schedule: null })]).get('a')).toEqual([]);
  expect(asked).toEqual(['a', 'b', 'a', 'a']);
});
