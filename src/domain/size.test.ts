import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatSize, parseSize } from './size.ts';

describe('sizes', () => {
  test.each([
    ['64KiB', 65_536],
    ['10MB', 10_000_000],
    ['10 kB', 10_000],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['512B', 512],
    [0, 0],
  ])('%j is %d bytes', (input, bytes) => {
    expect(parseSize(input)).toEqual({ ok: true, value: bytes });
  });

  test.each([
    [64, 'is not a size: a number needs its unit (try 64MiB)'],
    ['64', 'is not a size: a number needs its unit (try 64MiB)'],
    ['64Q', 'is not a size (try 64MiB)'],
    ['-1MB', 'is not a size (try 64MiB)'],
    ['99999999TB', 'is too large a size (try 64GiB)'],
    [{}, 'is not a size (try 64MiB)'],
  ])('%j: %s', (input, problem) => {
    expect(parseSize(input)).toEqual({ ok: false, problem });
  });

  test.each([
    [0, '0 B'],
    [983, '983 B'],
    [65_536, '64 KiB'],
    [1_048_575, '1 MiB'],
    [1.5 * 2 ** 30, '1.5 GiB'],
  ])('%d bytes are written %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  test('can be read again, to within a twentieth of the unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
        const read = parseSize(formatSize(bytes));
        expect(read.ok && Math.abs(read.value - bytes) <= Math.max(bytes * 0.051, 1)).toBe(true);
      }),
    );
  });
});
