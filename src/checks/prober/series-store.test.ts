import { expect, test } from 'vitest';
import { seriesStore } from './series-store.ts';

test('gives back what came, in instants of ours', () => {
  const store = seriesStore();
  store.add([7, 10, 11.5, 20.25, 0, null], 1_000);
  store.add([7, 110, 110, 130, 1, '28P01'], 1_000);
  store.add([7, 210, 210, 230, 3, 'timeout'], 1_000);
  store.add([7, 310, 310, 330, 1, '28P01'], 1_000);
  expect(store.samples()).toEqual([
    { dueAt: 1_010, startedAt: 1_011.5, endedAt: 1_020.25, answer: 'accepted', code: null },
    { dueAt: 1_110, startedAt: 1_110, endedAt: 1_130, answer: 'refused', code: '28P01' },
    { dueAt: 1_210, startedAt: 1_210, endedAt: 1_230, answer: 'unknown', code: 'timeout' },
    { dueAt: 1_310, startedAt: 1_310, endedAt: 1_330, answer: 'refused', code: '28P01' },
  ]);
});
