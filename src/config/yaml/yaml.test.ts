import { describe, expect, test } from 'vitest';
import { parseDrillFile } from '../drill/drill-file.ts';
import { kinds } from '../fixtures/fake-kind.ts';
import { readYaml } from './yaml.ts';

function complaints(text: string): string[] {
  return parseDrillFile(text, 'd.yaml', kinds).problems.map((problem) => problem.message);
}

describe('what is not YAML, or not ours, has one clear problem', () => {
  const levels = 'abcdefghij'
    .split('')
    .map((name, i, all) => `${name}: &${name} [${i === 0 ? 'x' : `*${all[i - 1]}`}${`, ${i === 0 ? 'x' : `*${all[i - 1]}`}`.repeat(8)}]`);

  test.each([
    ['an empty file', '', 'd.yaml:1:1 the file is empty'],
    ['nothing but comments', '# a\n\n---\n# b\n', 'd.yaml:1:1 the file is empty'],
    ['a tab for indentation', 'targets:\n\tnames: [a]\n', 'd.yaml:2:1 a tab cannot indent: use spaces'],
    ['a bad indent', 'a:\n    b: 1\n  c: 2\n', 'd.yaml:3:1 the indentation does not fit the lines above'],
    ['a bad indent in a flow map', 'a: [1,\nb: 2\n', 'd.yaml:2:1 the indentation does not fit the lines above'],
    ['an open quote', 'a: "b\n', 'd.yaml:2:1 not YAML: missing closing "quote'],
    ['a duplicate key', 'a: 1\nb: { c: 1, c: 2 }\n', 'd.yaml:2:12 b.c: is written twice in one map'],
    ['a map as a key', '? { a: 1 }\n: b\n', 'd.yaml:1:3 a key must be a text'],
    [
      'a key that would change the map itself',
      'labels: { __proto__: { a: 1 } }\n',
      'd.yaml:1:11 labels.__proto__: is not a key that may be used',
    ],
    ['a tag', 'a: !!binary aGk=\n', 'd.yaml:1:4 tags (!…) are not read: leave it out'],
    ['a directive', '%YAML 1.1\n---\na: no\n', 'd.yaml:2:1 YAML directives are not read: leave them out'],
    ['an alias of nothing', 'a: *b\n', 'd.yaml:1:4 a: is an alias of something that is not there'],
    ['an alias of itself', 'a: &a { b: *a }\n', 'd.yaml:1:12 the document is nested deeper than 64'],
    ['an alias bomb', `${levels.join('\n')}\n`, 'd.yaml:3:8 the document has more than 100 aliases'],
    ['a binary file', 'ELF\u0001\u0002', 'd.yaml:1:4 the file is not text: it holds the control character U+0001'],
    ['a list', '- a\n', 'd.yaml:1:1 a list is not a map'],
    ['prose', 'hello there\n', 'd.yaml:1:1 "hello there" is not a map'],
    ['an escape sequence in a value', 'a: "\\u001b[31m"\nb: x\n', null],
  ])('%s', (_, text, message) => {
    const found = complaints(text);
    if (message === null) expect(found.join('')).not.toContain('\u001b');
    else expect(found).toEqual([message]);
  });

  test('5 MB of text', () => {
    expect(complaints('a: b\n'.repeat(1_000_000))).toEqual(['d.yaml:1:1 the file has 5000000 characters; at most 1048576 are read']);
  });

  test.each([
    ['brackets', () => '['.repeat(20_000), 'nested deeper than 64'],
    ['maps', () => '{a: '.repeat(20_000), 'nested deeper than 64'],
    ['keys', () => Array.from({ length: 10_000 }, (_, i) => `k${i}: 1`).join('\n'), 'is missing'],
    ['equal keys', () => 'k: 1\n'.repeat(20_000), 'is written twice'],
    ['documents', () => '---\n- a\n'.repeat(4_000), 'is not a map'],
    ['quotes', () => '"'.repeat(40_000), 'not YAML'],
  ])('far too many %s are refused before long', (_, text, part) => {
    const started = performance.now();
    expect(complaints(text())[0]).toContain(part);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test('what is wrong on every line is not shown for every line', () => {
    const found = complaints('k: 1\n'.repeat(1_000));
    expect(found).toHaveLength(101);
    expect(found.at(-1)).toBe('d.yaml:102:1 899 more problems from here on are not shown');
  });
});

test('an alias is read as what it stands for, and a mistake in it is placed where it is used', () => {
  const { documents } = readYaml('a: &x [1, 2]\nb: *x\n', 'f');
  expect(documents[0]?.data).toEqual({ a: [1, 2], b: [1, 2] });
  expect(documents[0]?.place(['b'])).toEqual({ line: 2, column: 4 });
});

test('line ends of other systems and a byte order mark change no place', () => {
  const { problems } = parseDrillFile(
    '\ufeffname: a\r\nkind: reverse-uptime\r\ntargets: { names: [a] }\r\nparams: { maxUptime: 7 dayz }\r\n',
    'd.yaml',
    kinds,
  );
  expect(problems.map((problem) => problem.message)).toEqual(['d.yaml:4:22 params.maxUptime: "7 dayz" is not a duration (try 7d)']);
});
