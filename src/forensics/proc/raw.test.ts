import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rawBytes, rawOf, shown } from './raw.ts';

const anyBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

test('a name comes back as it was, over JSON too', () => {
  fc.assert(fc.property(anyBytes, (raw) => rawOf(JSON.parse(JSON.stringify(shown(raw))) as string) === raw));
});

test('no two names become one', () => {
  fc.assert(fc.property(anyBytes, anyBytes, (a, b) => a === b || shown(a) !== shown(b)));
});

test('what is UTF-8 reads as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => shown(Buffer.from(text).toString('latin1')) === Buffer.from(text).toString()),
  );
});

test('is what Python calls surrogateescape', () => {
  expect(shown('a\xffb\xc3\xa9\xed\xa0\x80')).toBe('a\udcffbé\udced\udca0\udc80');
  expect(rawBytes('\xff')).toEqual(Buffer.from([255]));
  expect(rawOf('\ud800')).toBeNull();
});
