import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isNumber, isObject, type Lossless, parseLossless } from './lossless-json.ts';

/** As `JSON.parse` would have it. */
function plainOf(value: Lossless): unknown {
  if (Array.isArray(value)) return value.map(plainOf);
  if (isObject(value)) return Object.fromEntries([...value].map(([key, member]) => [key, plainOf(member)]));
  return isNumber(value) ? Number(value.number) : value;
}

it('reads what JSON.parse reads, to the same value', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.constantFrom(0, 2), (text, indent) => {
      const value: unknown = JSON.parse(text);
      expect(plainOf(parseLossless(JSON.stringify(value, null, indent)))).toEqual(value);
    }),
  );
});

it('reads no text that JSON.parse does not read', () => {
  const bits = fc.array(
    fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', 'u00e9', '1', '-', '.', 'e', 'true', 'null', ' ', '\n', 'a'),
  );
  fc.assert(
    fc.property(bits, (parts) => {
      const text = parts.join('');
      let value: unknown;
      try {
        value = plainOf(parseLossless(text));
      } catch {
        return;
      }
      expect(value).toEqual(JSON.parse(text));
    }),
    { numRuns: 2_000 },
  );
});

it('keeps numbers as they were written', () => {
  const value = parseLossless('{"evt.time":1507591916746609046,"ratio":1.10,"big":1e999,"minus":-0}');
  expect(value).toEqual(
    new Map([
      ['evt.time', { number: '1507591916746609046' }],
      ['ratio', { number: '1.10' }],
      ['big', { number: '1e999' }],
      ['minus', { number: '-0' }],
    ]),
  );
});

it('takes a poisonous key for a key', () => {
  const value = parseLossless('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}');
  expect(isObject(value) && [...value.keys()]).toEqual(['__proto__', 'constructor']);
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});

describe('says what is wrong, and where', () => {
  test.each([
    ['', 'ends where a value was expected at character 1'],
    ['{"a":1,"a":2}', 'the key "a" stands twice at character 11'],
    ['{"a":1', 'ends where } was expected at character 7'],
    ['{"a" 1}', 'expected : at character 6'],
    ['[1 2]', 'expected ] at character 4'],
    ['[1,]', 'expected a value at character 4'],
    ['"a', 'ends within a text at character 3'],
    ['"\n"', 'a character that a text may not hold at character 2'],
    ['"\\x"', 'a character that a text may not hold at character 2'],
    ['01', 'something follows the value at character 2'],
    ['{} {}', 'something follows the value at character 4'],
    ['NaN', 'expected a value at character 1'],
    ['\ufeff{}', 'expected a value at character 1'],
    ['['.repeat(100_000), 'nested more than 32 deep at character 33'],
    ['{"a":'.repeat(100_000), 'nested more than 32 deep at character 161'],
  ])('%#', (text, message) => {
    expect(() => parseLossless(text)).toThrow(new SyntaxError(message));
  });
});

it('is not slowed down by long texts', () => {
  expect(parseLossless(JSON.stringify('x'.repeat(250_000)))).toBe('x'.repeat(250_000));
  expect(parseLossless(JSON.stringify('\n"'.repeat(60_000)))).toBe('\n"'.repeat(60_000));
});
