import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json } from '../domain/journal.ts';
import { canonicalJson } from './canonical.ts';

it('sorts keys at every depth and leaves undefined out', () => {
  expect(canonicalJson({ b: 1, a: { d: [2, { z: null, y: 'ü"' }], c: undefined } })).toBe('{"a":{"d":[2,{"y":"ü\\"","z":null}]},"b":1}');
});

it('is JSON of the same value, the same for every order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value as Json);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(reversed(value) as Json)).toBe(text);
    }),
  );
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
