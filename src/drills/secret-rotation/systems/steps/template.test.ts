import { expect, test } from 'vitest';
import type { Input } from './input.ts';
import { fill, fillText, UnknownValue } from './template.ts';

const input: Input = {
  step: 'revoke',
  run: 'R',
  plan: 'leak',
  credential: 'canary',
  name: 'pitwall_x',
  user: 'a/b',
  old: 'o"{new}',
  new: null,
  newUser: null,
  kept: { old: { lease: 'l' }, new: {} },
};

test('placeholders are filled once, names in addresses encoded', () => {
  expect(fillText('http://x/{user}?n={name}&b={}{ {0}', input, encodeURIComponent)).toBe('http://x/a%2Fb?n=pitwall_x&b={}{ {0}');
  expect(fill({ a: ['{old}', 1, null, true], b: { c: 'lease {kept.old.lease}' } }, input)).toEqual({
    a: ['o"{new}', 1, null, true],
    b: { c: 'lease l' },
  });
});

test('what is not known is null where it stands alone, and no text elsewhere', () => {
  expect(fill({ x: '{new}', y: '{kept.new.lease}' }, input)).toEqual({ x: null, y: null });
  expect(() => fill({ x: 'id {new}' }, input)).toThrow(UnknownValue);
  expect(() => fillText('http://x/{newUser}', input)).toThrow('{newUser} is not known');
  expect(() => fillText('{kept.old.__proto__}', input)).toThrow(UnknownValue);
});
