import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blotted, inertJson, oneLine, piecesOf, visible, visibleLines, visibleUpTo } from './inert.ts';

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
      // by whole characters: a pair has halves, and hides nothing
      expect(Array.from(json).filter((character) => hidden.includes(character))).toEqual([]);
    }),
    { examples: [['\u{10000}', '\0']] },
  );
});

test('what acts is shown and acts no more, and what is long is cut between characters', () => {
  expect(visible('a\u001b[31mb\u202ec\u007f\u200d\n')).toBe('a␛[31mb‹U+202E›c␡‹U+200D›␊');
  expect(visibleUpTo('😀😀😀', 4)).toBe('😀…');
  expect(visible('\ud800x')).toBe('‹U+D800›x');
});

test('in a message each is one sign, and it stays on its line', () => {
  expect(hidden.map((one) => blotted(one))).toEqual(hidden.map(() => '\ufffd'));
  expect(blotted('a\n\tb\r')).toBe('a\n\tb\ufffd');
  expect(oneLine('a\r\n\tb\u2028c\u001b[2J', 99)).toBe('a b c\ufffd[2J');
  expect(oneLine('abcdef', 4)).toBe('abc…');
});

test('no text leaves anything hidden, and none loses what can be seen', () => {
  const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\u115f\u1160\u3164\uffa0]/u;
  fc.assert(
    fc.property(anything, (text) => {
      expect(unseen.test(visible(text))).toBe(false);
      expect(unseen.test(oneLine(text, 99))).toBe(false);
      expect(unseen.test(visibleLines(text).replace(/[\n\t]/g, ''))).toBe(false);
      const pieces = piecesOf(text);
      expect(pieces.map((piece) => piece.text).join('')).toBe(visible(text));
      const seen = pieces.filter(({ code }) => code === null).map((piece) => piece.text);
      expect(seen.join('')).toBe(
        Array.from(text)
          .filter((one) => !unseen.test(one))
          .join(''),
      );
    }),
  );
});
