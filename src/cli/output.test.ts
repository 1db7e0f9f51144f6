import { expect, test } from 'vitest';
import { printable } from './output.ts';

test('colour, tab and newline pass; every other control character is made visible', () => {
  expect(printable('\u001b[31mred\u001b[0m\tand\n')).toBe('\u001b[31mred\u001b[0m\tand\n');
  expect(printable('a\u0007b\u001b]0;title\u0007\r\u009b2J')).toBe('a\ufffdb\ufffd]0;title\ufffd\ufffd\ufffd2J');
  expect(printable('\u001b[2J')).toBe('\ufffd[2J');
});
