import fc from 'fast-check';
import { expect, test } from 'vitest';
import { example } from '../fixtures/drill-text.ts';
import { kinds } from '../fixtures/fake-kind.ts';
import { drillFileParser } from './drill-file.ts';

test('no text makes it throw, and every problem lies inside the text', () => {
  const parse = drillFileParser(kinds);
  const pieces = fc.constantFrom(
    'name',
    ': ',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '&a ',
    '*a',
    '!x ',
    '|',
    '>',
    '#',
    '---\n',
    '...\n',
    '\t',
    ',',
    '? ',
    '%',
    'kind: reverse-uptime\n',
    '\r\n',
    '0x',
    '~',
    'ü',
    '😀',
  );
  const mutated = fc
    .tuple(fc.nat(example.length), fc.nat(12), fc.array(pieces, { maxLength: 3 }))
    .map(([at, cut, more]) => example.slice(0, at) + more.join('') + example.slice(at + cut));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(pieces, { maxLength: 40 }).map((list) => list.join('')),
        mutated,
      ),
      (text) => {
        const { problems } = parse(text, 'd.yaml');
        const lines = text.split(/\n/);
        for (const { line, column, message } of problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
          expect(message).not.toMatch(/[\n\r]|undefined|\[object|nonoptional/);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
