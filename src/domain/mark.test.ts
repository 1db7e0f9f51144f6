import { expect, test } from 'vitest';
import { markOf, marksIn } from './mark.ts';

const run = '01JD00000000000000000000AB';

test('a mark is found wherever it stands in an alert, once', () => {
  const mark = markOf(run, '0123456789ab');
  expect(marksIn(`{"proc.cmdline":"sh -c x ${mark}","proc.env":"PITWALL_MARK=${mark} A=b"}`)).toEqual([{ mark, runId: run }]);
  const other = markOf(run, 'ffffffffffff');
  expect(marksIn(`${mark},${other}`).map((one) => one.mark)).toEqual([mark, other]);
});

test('what only looks like one is none', () => {
  for (const text of [
    '',
    'pitwall-mark-',
    `pitwall-mark-${run}`,
    `pitwall-mark-${run}-0123`,
    `pitwall-mark-${run.toLowerCase()}-0123456789ab`,
    `pitwall-mark-${'I'.repeat(26)}-0123456789ab`,
  ])
    expect(marksIn(text)).toEqual([]);
});
