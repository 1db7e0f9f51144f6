import { expect, test } from 'vitest';
import { drillKinds } from './domain/words.ts';
import { kinds } from './kinds.ts';
import { methods } from './report/advice/methods.ts';
import { rubric } from './scorecard/rubric.ts';

test.each([...kinds.keys()])('%s is a word of the house, counts in the scorecard, and a report says how it knows', (kind) => {
  expect(drillKinds).toContain(kind);
  expect(rubric.areas.filter(({ kinds: counted }) => (counted as readonly string[]).includes(kind))).toHaveLength(1);
  expect(Object.keys(rubric.cadences)).toContain(kind);
  expect(Object.keys(methods)).toContain(kind);
});
