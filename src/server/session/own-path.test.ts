import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { ownPath } from './own-path.ts';

test.each([
  [undefined, '/'],
  ['', '/'],
  ['/', '/'],
  ['/runs?drill=a&before=01M8', '/runs?drill=a&before=01M8'],
  ['runs', '/'],
  ['//evil.example/', '/'],
  ['///evil.example/', '/'],
  ['/\\evil.example/', '/'],
  ['\\/evil.example/', '/'],
  ['/.//evil.example', '/'],
  ['/x/..//evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/\n/evil.example', '/'],
  [' //evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/login', '/'],
  ['/login?next=/runs', '/'],
  ['/%0d%0aset-cookie:a=b', '/%0d%0aset-cookie:a=b'],
  [`/${'a'.repeat(3_000)}`, '/'],
])('%j', (given, path) => {
  expect(ownPath(given)).toBe(path);
});

it('never leads elsewhere, whatever a browser makes of it', () => {
  const part = fc.constantFrom('/', '\\', '.', '..', '//', 'evil.example', '@', ':', 'http:', '?', '#', '%2f', '%5c', '\t', '\r', ' ', 'x');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      expect(new URL(ownPath(parts.join('')), 'http://own.invalid').origin).toBe('http://own.invalid');
    }),
  );
});
