import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChallenges } from './challenge.ts';

describe('WWW-Authenticate', () => {
  test.each([
    [
      'Bearer realm="https://auth.example.org/token",service="registry",scope="repository:evidence:pull,push"',
      [
        {
          scheme: 'bearer',
          params: { realm: 'https://auth.example.org/token', service: 'registry', scope: 'repository:evidence:pull,push' },
        },
      ],
    ],
    ['Basic realm="a \\"quoted\\" one"', [{ scheme: 'basic', params: { realm: 'a "quoted" one' } }]],
    ['Basic', [{ scheme: 'basic', params: {} }]],
    [
      'Negotiate abc==, BASIC realm=plain , Bearer Realm = "x"',
      [
        { scheme: 'negotiate', params: {} },
        { scheme: 'basic', params: { realm: 'plain' } },
        { scheme: 'bearer', params: { realm: 'x' } },
      ],
    ],
    ['Bearer realm="one",realm="two"', [{ scheme: 'bearer', params: { realm: 'one' } }]],
    ['Bearer realm="no end', [{ scheme: 'bearer', params: {} }]],
    ['', []],
    ['"', []],
  ])('%s', (header, expected) => {
    expect(parseChallenges(header)).toEqual(expected);
  });

  const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
  const values = fc.dictionary(token, fc.string(), { minKeys: 1, maxKeys: 4 });
  const challenges = fc.array(fc.record({ scheme: token, params: values }), { maxLength: 4 });

  test('what was written is what is read, quotes, commas and all', () => {
    const quoted = (value: string) => `"${value.replace(/["\\]/g, '\\$&')}"`;
    fc.assert(
      fc.property(challenges, (given) => {
        const header = given
          .map(
            ({ scheme, params }) =>
              `${scheme} ${Object.entries(params)
                .map(([name, value]) => `${name}=${quoted(value)}`)
                .join(', ')}`,
          )
          .join(', ');
        const read = parseChallenges(header).map(({ scheme, params }) => ({ scheme, params: { ...params } }));
        expect(read).toEqual(given.map(({ scheme, params }) => ({ scheme, params: { ...params } })));
      }),
    );
  });

  test('whatever comes is read to an end, and reaches no prototype', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(' ', ',', '=', '"', '\\', 'a', 'B', '_') })), (header) => {
        for (const { scheme } of parseChallenges(header)) expect(scheme).toBe(scheme.toLowerCase());
      }),
    );
    parseChallenges('Bearer __proto__="x", constructor="y"');
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
