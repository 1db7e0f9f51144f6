import { expect, test } from 'vitest';
import { compareVersions, negotiate } from './version.ts';

const engine = (apiVersion: string, minApiVersion: string) => ({ version: 'x', apiVersion, minApiVersion });

test.each([
  ['20.10', '1.41', '1.12', '1.41'],
  ['26.1', '1.45', '1.24', '1.45'],
  ['28.5', '1.51', '1.24', '1.51'],
  ['29.0, which refuses below 1.44', '1.52', '1.44', '1.51'],
  ['one that dropped all we know', '1.70', '1.60', '1.60'],
  ['one that says no minimum', '1.47', '', '1.47'],
])('%s is spoken to in its newest version that we know', (_name, api, min, spoken) => {
  expect(negotiate('e', engine(api, min))).toBe(spoken);
});

test('older than 20.10 and no version at all are refused', () => {
  expect(() => negotiate('old', engine('1.40', '1.12'))).toThrow('engine old: Docker x speaks API 1.40; Pitwall needs 1.41 or later');
  expect(() => negotiate('odd', engine('latest', ''))).toThrow('says its API version is "latest"');
});

test('versions compare as numbers', () => {
  expect(compareVersions('1.9', '1.41')).toBeLessThan(0);
  expect(compareVersions('2.0', '1.51')).toBeGreaterThan(0);
  expect(compareVersions('1.44', '1.44')).toBe(0);
});
