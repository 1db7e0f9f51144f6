import fc from 'fast-check';
import { expect, test } from 'vitest';
import { xmlAttribute, xmlAttributes, xmlText } from './xml.ts';

const anything = fc.string({ unit: 'binary', maxLength: 40 });
const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** What a reader of XML makes of a value. */
const read = (text: string) =>
  text.replace(/&(?:#(\d+)|(\w+));/g, (_all, code: string | undefined, name: string) =>
    code === undefined ? (names[name] as string) : String.fromCharCode(Number(code)),
  );
/** XML 1.0, "Char". */
const legal = (text: string) =>
  Array.from(text).every((c) => {
    const n = c.codePointAt(0) as number;
    return n === 9 || n === 10 || n === 13 || (n >= 0x20 && n <= 0xd7ff) || (n >= 0xe000 && n <= 0xfffd) || n >= 0x10000;
  });

test('whatever is written is legal, ends nothing early, and reads as it was', () => {
  fc.assert(
    fc.property(anything, (text) => {
      for (const written of [xmlText(text), xmlAttribute(text)]) {
        expect(legal(written)).toBe(true);
        expect(/[<>]|&(?!(#\d+|amp|lt|gt|quot|apos);)/.test(written)).toBe(false);
        expect(read(written)).toBe(Array.from(text, (c) => (legal(c) ? c : '\ufffd')).join(''));
      }
      expect(/["'\t\n\r]/.test(xmlAttribute(text))).toBe(false);
    }),
  );
});

test('what XML cannot hold becomes a mark, half a surrogate pair too', () => {
  expect(xmlText('a\u0000b\u001b\uffff\ud800c')).toBe('a\ufffdb\ufffd\ufffd\ufffdc');
});

test('an attribute without a value is left out', () => {
  expect(xmlAttributes({ a: 1, b: null, c: '' })).toBe(' a="1" c=""');
});
