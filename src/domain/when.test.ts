import { expect, test } from 'vitest';
import { parseWhen } from './when.ts';

const now = Date.UTC(2026, 0, 31, 12);

test.each([
  ['2026-01-30', Date.UTC(2026, 0, 30)],
  ['2026-01-30T10:00Z', Date.UTC(2026, 0, 30, 10)],
  ['2026-01-30T10:00:05.250+02:00', Date.UTC(2026, 0, 30, 8, 0, 5, 250)],
  ['1d', now - 86_400_000],
  ['90s', now - 90_000],
])('%s', (text, at) => expect(parseWhen(text, now)).toBe(at));

test.each(['', 'yesterday', '2026', '2026-02-31', '2026-13-01', '2026-01-30T10:00', '2026-01-30T25:00Z', '30/01/2026', '1e9', '-1d'])(
  'not %j',
  (text) => expect(parseWhen(text, now)).toBeNull(),
);
