import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseScope, refuseOutOfScope, whyOutOfScope } from './scope.ts';

test.each<[string, readonly string[], Parameters<typeof whyOutOfScope>[1], boolean]>([
  ['none: on everything', [], {}, true],
  ['the drill', ['drill:recycle-*'], { drill: 'recycle-shop' }, true],
  ['another drill', ['drill:recycle-*'], { drill: 'freeze-shop' }, false],
  ['either of two', ['drill:a', 'drill:b'], { drill: 'b', engine: 'x' }, true],
  ['one sort of two', ['drill:a', 'engine:staging-*'], { drill: 'a', engine: 'production' }, false],
  ['both', ['drill:a', 'engine:staging-*'], { drill: 'a', engine: 'staging-1' }, true],
  ['a freeze on demand has no drill', ['drill:*'], { drill: null, engine: 'e', container: 'c' }, false],
  ['which containers a run will touch is not known', ['container:*'], { drill: 'a', engine: 'e' }, false],
  ['a glob is the whole name', ['container:shop'], { container: 'shop-web-1' }, false],
  ['a rule of a later version', ['planet:mars'], { drill: 'a', engine: 'e', container: 'c' }, false],
  ['a rule that is none beside one that holds', ['drill:a', ''], { drill: 'a' }, false],
])('%s', (_what, scope, things, inside) => {
  expect(whyOutOfScope(scope, things) === null).toBe(inside);
});

it('says what is out of which scope', () => {
  expect(whyOutOfScope(['container:shop-*'], { container: 'db-1' })).toBe(
    "the container db-1 is out of the token's scope (container:shop-*)",
  );
  expect(() => refuseOutOfScope(['engine:a'], [{ engine: 'a' }, { engine: 'b' }])).toThrow('the engine b is out of');
  expect(() => refuseOutOfScope(['engine:a'], [])).toThrow('names no engine');
  expect(() => refuseOutOfScope([], [])).not.toThrow();
});

describe('parseScope', () => {
  it('keeps each rule once, in their order', () => {
    expect(parseScope(['engine:b', 'drill:a', 'engine:b'])).toEqual(['drill:a', 'engine:b']);
  });
  test.each(['', 'drill', 'drill:', 'drills:x', 'planet:mars', 'Drill:x', 'drill:a b', 'drill:\n', `drill:${'x'.repeat(201)}`])(
    '%j is none',
    (rule) => {
      expect(() => parseScope([rule])).toThrow(expect.objectContaining({ code: 'token_scope' }));
    },
  );
});

it('one more sort never lets more in, and one more rule of a sort never less', () => {
  const name = fc.constantFrom('a', 'b', 'ab');
  const things = fc.record({ drill: fc.option(name), engine: name, container: fc.option(name) });
  const rules = (sort: string) =>
    fc.array(
      fc.constantFrom('a', 'b', 'a*').map((glob) => `${sort}:${glob}`),
      { minLength: 1, maxLength: 3 },
    );
  fc.assert(
    fc.property(things, rules('drill'), rules('engine'), rules('drill'), (acted, drill, engine, more) => {
      const inside = (scope: readonly string[]) => whyOutOfScope(scope, acted) === null;
      if (inside([...drill, ...engine])) expect(inside(drill)).toBe(true);
      if (inside(drill)) expect(inside([...drill, ...more])).toBe(true);
    }),
  );
});
