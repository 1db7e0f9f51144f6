import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesGlob } from './glob.ts';

describe('matchesGlob', () => {
  test.each([
    ['shop-web-*', 'shop-web-1', true],
    ['shop-web-*', 'shop-web-', true],
    ['shop-web-*', 'my-shop-web-1', false],
    ['*', '', true],
    ['', 'a', false],
    ['web-?', 'web-1', true],
    ['web-?', 'web-10', false],
    ['*/redis:*', 'registry.example/redis:7', true],
    ['a*b*c', 'aXbXbXc', true],
    ['a*b*c', 'aXbXbX', false],
    ['web.1', 'webx1', false],
    ['Web', 'web', false],
    ['[ab]', 'a', false],
  ])('%j and %j: %s', (pattern, text, matches) => {
    expect(matchesGlob(pattern, text)).toBe(matches);
  });

  test('agrees with the regular expression that means the same', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(letters, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }), (pattern, text) => {
        const regex = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(matchesGlob(pattern, text)).toBe(regex.test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('does not blow up on a hostile pattern', () => {
    const started = performance.now();
    expect(matchesGlob(`${'a*'.repeat(30)}b`, 'a'.repeat(2_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
