import { expect, test } from 'vitest';
import { checkNames, params } from './params.ts';

test('without any, every check on a clone', () => {
  expect(params.parse({})).toEqual({ checks: [...checkNames], on: 'clone', dependencies: {}, watch: 5_000, parallel: 1, failOn: 'medium' });
});

test('checks come in their own order, once each', () => {
  expect(params.parse({ checks: ['two-copies', 'sigterm', 'sigterm'] }).checks).toEqual(['sigterm', 'two-copies']);
});

test.for([
  [{ checks: [] }, 'checks'],
  [{ checks: ['sigkill'] }, 'checks'],
  [{ on: 'both' }, 'on'],
  [{ dependencies: { web: 'api' } }, 'dependencies'],
  [{ watch: '1ms' }, 'watch'],
  [{ parallel: 0 }, 'parallel'],
  [{ grace: '5s' }, ''],
])('%j is refused', ([given, path]) => {
  const read = params.safeParse(given);
  expect(read.success).toBe(false);
  expect(read.error?.issues[0]?.path[0] ?? '').toBe(path);
});
