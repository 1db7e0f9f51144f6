import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, nanosecondsOf } from './amounts.ts';
import { readDotEnv } from './dot-env.ts';
import { InterpolationError, interpolate } from './interpolate.ts';
import { shellWords } from './shell-words.ts';

const d = '$';
const variables = { A: 'one', EMPTY: '', NESTED: 'deep' };

test.for([
  [`${d}A-${d}{A}`, 'one-one'],
  [`${d}${d}A ${d}${d}{A}`, `${d}A ${d}{A}`],
  [`${d}{NO:-x}${d}{EMPTY:-y}${d}{EMPTY-z}`, 'xy'],
  [`${d}{NO:-${d}{ALSO_NO:-${d}NESTED}}!`, 'deep!'],
  [`${d}{A:+set}${d}{EMPTY:+no}${d}{EMPTY+yes}`, 'setyes'],
  [`${d}{A:?must}`, 'one'],
  ['no dollar', 'no dollar'],
] as const)('%s is %s', ([text, expected]) => {
  expect(interpolate(text, variables).text).toBe(expected);
});

test('what has no value is empty, and named', () => {
  expect(interpolate(`a${d}{GONE}b${d}ALSO`, variables)).toEqual({ text: 'ab', unset: ['GONE', 'ALSO'] });
});

test.for([`${d}{A`, `${d}{}`, `${d} x`, `${d}{1A}`, `${d}{NO?}`, `${d}{EMPTY:?say why}`])('%s is refused', (text) => {
  expect(() => interpolate(text, variables)).toThrow(InterpolationError);
});

test('no text makes it fail in another way, or takes for ever', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', ':', '-', '?', '+', 'A', ' ') }), (text) => {
      try {
        interpolate(text, variables);
      } catch (error) {
        expect(error).toBeInstanceOf(InterpolationError);
      }
    }),
  );
});

test('.env: comments, export, quotes, lines within quotes, earlier names', () => {
  const text = `# c\nexport A=1 # c\nB='${d}A # kept'\nC="x\\n${d}{A}"\nD="two\nlines"\nE=\nF\nG=a#b\n`;
  expect(readDotEnv(text, { F: 'outside' })).toEqual({
    A: '1',
    B: `${d}A # kept`,
    C: 'x\n1',
    D: 'two\nlines',
    E: '',
    F: 'outside',
    G: 'a#b',
  });
});

test('.env: what is none is refused by its line, and no value is in the message', () => {
  expect(() => readDotEnv('A=1\nhunter2 is my word\n', {})).toThrow(/^line 2 is no NAME=value$/);
  expect(() => readDotEnv('A=1\nB="hunter2\n', {})).toThrow(/^line 2: a quote is not closed$/);
});

test.for([
  [`sh -c 'a "b" c' d`, ['sh', '-c', 'a "b" c', 'd']],
  [`a\\ b "c \\" d" ''`, ['a b', 'c " d', '']],
  ['  ', []],
  [`it's`, null],
] as const)('%s splits as a shell would', ([text, words]) => {
  expect(shellWords(text)).toEqual(words);
});

test('sizes and durations as Compose writes them', () => {
  expect(['64m', '1.5gb', '1024', 2048, '2GiB', '-1', '1x', ''].map(bytesOf)).toEqual([
    67_108_864,
    1_610_612_736,
    1024,
    2048,
    2_147_483_648,
    -1,
    null,
    null,
  ]);
  expect(['1m30s', '500ms', '10', '1.5h', 0].map(nanosecondsOf)).toEqual([90e9, 5e8, null, 5.4e12, 0]);
});
