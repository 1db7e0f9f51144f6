import { expect, test } from 'vitest';
import { printable, quotedLines } from './output.ts';

test('a colour that is not ours does not pass: it could hide what follows', () => {
  expect(printable('\u001b[8m\u001b[30m\u001b[40m\u001b[38;5;0m\u001b[7mx')).not.toContain('\u001b');
});

test('colour, tab and newline pass; every other control character is made visible', () => {
  expect(printable('\u001b[31mred\u001b[39m\tand\n')).toBe('\u001b[31mred\u001b[39m\tand\n');
  expect(printable('a\u0007b\u001b]0;title\u0007\r\u009b2J')).toBe('a\ufffdb\ufffd]0;title\ufffd\ufffd\ufffd2J');
  expect(printable('\u001b[2J')).toBe('\ufffd[2J');
});

test('what a container said has no colour at all, and no line that looks like ours', () => {
  expect(quotedLines('e\u001b[31mvil\n  holds  critical FS-03\u202e', '    ')).toBe('e\ufffd[31mvil\n      holds  critical FS-03\ufffd');
});
