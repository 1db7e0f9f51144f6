import { expect, test } from 'vitest';
import { scheduleWords } from './schedule-words.ts';

test.each([
  ['0 3 * * 1-5', 'Monday to Friday at 03:00'],
  ['30 2,14 * * *', 'every day at 02:30 and 14:30'],
  ['*/15 * * * *', 'every 15 minutes'],
  ['0 * * * *', 'every hour'],
  ['5 */6 * * *', 'every 6 hours at 5 past'],
  ['0 4 * * sun', 'Sunday at 04:00'],
  ['0 4 * * 0,3,7', 'Sunday, Wednesday and Sunday at 04:00'],
  ['0 4 1 * *', 'on day 1 of the month at 04:00'],
  ['* * * * *', 'every minute'],
  ['*/7 * * * *', null],
  ['0 4 1 * 1', null],
  ['0 4 * 6 *', null],
  ['0 0 3 * * *', null],
  ['0 4 L * *', null],
  ['0 4 * * 1#2', null],
  ['0-10 4 * * *', null],
  ['', null],
])('%s', (cron, words) => {
  expect(scheduleWords(cron)).toBe(words);
});
