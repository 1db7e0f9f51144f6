import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inertJson, visible, visibleLines } from './visible.ts';

const anything = fc.string({ unit: 'binary', maxLength: 30 });
/** Written out, not derived: NUL, escape, delete, C1, soft hyphen, zero width, bidi, separators, a tag, a filler, half a pair. */
const hidden = [
  '\0',
  '\u001b',
  '\u007f',
  '\u009b',
  '\u00ad',
  '\u200b',
  '\u200d',
  '\u202e',
  '\u2066',
  '\u2028',
  '\ufeff',
  '\u{e0041}',
  '\u3164',
  '\ud800',
];

test('what hides is seen', () => {
  expect(hidden.map(visible)).toEqual([
    '␀',
    '␛',
    '␡',
    '‹U+009B›',
    '‹U+00AD›',
    '‹U+200B›',
    '‹U+200D›',
    '‹U+202E›',
    '‹U+2066›',
    '‹U+2028›',
    '‹U+FEFF›',
    '‹U+E0041›',
    '‹U+3164›',
    '‹U+D800›',
  ]);
  expect(visible('a\nb\tc')).toBe('a␊b␉c');
  expect(visibleLines('a\r\nb\tc\rd')).toBe('a\nb\tc␍d');
});

test('what is seen already stays as it is', () => {
  expect(visible('Ünï-cödé 漢字 😀 ✔')).toBe('Ünï-cödé 漢字 😀 ✔');
});

test('JSON reads as it was, and nothing in it hides', () => {
  fc.assert(
    fc.property(anything, fc.constantFrom(...hidden), (text, one) => {
      const json = inertJson({ [text]: `${text}${one}` });
      expect(JSON.parse(json)).toEqual({ [text]: `${text}${one}` });
      for (const mark of hidden) expect(json).not.toContain(mark);
    }),
  );
});
