import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markdownOwn, markdownQuote, markdownTable, markdownText } from './markdown-text.ts';

const parts = [
  '<',
  '>',
  '&',
  '`',
  '*',
  '_',
  '[',
  ']',
  '(',
  ')',
  '!',
  '|',
  '\\',
  '~',
  '#',
  '-',
  '+',
  '1.',
  '1)',
  '\n',
  '\r',
  ' ',
  'a',
  'http://x',
  'www.x',
  '\u202e',
];
const nasty = fc.array(fc.constantFrom(...parts), { maxLength: 10 }).map((some) => some.join(''));
const anything = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 30 }));

/** What is left when all that a backslash or a reference makes text is taken away. */
const bare = (written: string) => written.replace(/\\[!-/:-@[-`{-~]/g, '').replace(/&(?:lt|gt|amp);/g, '');

test('no text of others is a tag, a link, code, emphasis, a cell’s end or a line of its own', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const written = markdownText(text);
      expect(written).not.toMatch(/[\n\r]/);
      const left = bare(written);
      expect(left).not.toMatch(/[<>&`*[\]|~\\$]|:\/\/|www\./i);
      expect(left).not.toMatch(/(?<![\p{L}\p{N}])_(?=[\p{L}\p{N}])/u);
      expect(written).not.toMatch(/^\s*(?:[-+=#]|\d+[.)])/);
    }),
  );
});

test('a quotation stays one, whatever is quoted', () => {
  fc.assert(
    fc.property(anything, (text) => {
      for (const line of markdownQuote(text, '  ').split('\n')) expect(line).toMatch(/^ {2}> (?![-+=#])/);
    }),
  );
});

test('a table has as many cells a row as its head', () => {
  fc.assert(
    fc.property(anything, anything, (a, b) => {
      for (const line of markdownTable(['A', 'B'], [[a, b]]).split('\n')) expect(line.match(/(?<!\\)(?:\\\\)*\|/g)?.length).toBe(3);
    }),
  );
});

test('what reads well stays as it is, and our own code is code', () => {
  expect(markdownText('2026-11-22 04:03:48 UTC, no_new_privs (web)')).toBe('2026-11-22 04:03:48 UTC, no_new_privs (web)');
  expect(markdownOwn('Set `--memory`, [not] more')).toBe('Set `--memory`, \\[not\\] more');
});
