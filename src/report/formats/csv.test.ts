import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible } from '../../domain/inert.ts';
import { csv } from './csv.ts';

const anything = fc.string({ unit: 'binary', maxLength: 30 });
const nasty = fc
  .array(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', "'", ' ', ';', ',', '|', 'a', '＝', '\u202e', '\u001b'), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''));

/** RFC 4180, section 2, and nothing more lenient. */
function read(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (at >= text.length) throw new Error('a quote is not closed');
        if (text[at] !== '"') cell += text[at];
        else if (text[at + 1] === '"') cell += text[++at];
        else break;
      }
      at++;
    } else {
      while (at < text.length && text[at] !== ',' && text[at] !== '\r') {
        if (text[at] === '"' || text[at] === '\n') throw new Error('a bare cell with a quote or a line feed');
        cell += text[at++];
      }
    }
    row.push(cell);
    if (text[at] === ',') at++;
    else if (text.startsWith('\r\n', at)) {
      at += 2;
      rows.push(row);
      row = [];
    } else throw new Error(`neither comma nor end at ${at}`);
  }
  return rows;
}

test('reads as it was, whatever was written; an apostrophe is all that is added', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.oneof(anything, nasty), { minLength: 3, maxLength: 3 }), { maxLength: 4 }), (rows) => {
      const [head, ...cells] = read(csv(['a', 'b', 'c'], rows));
      expect(head).toEqual(['a', 'b', 'c']);
      expect(cells.length).toBe(rows.length);
      const bare = (text: string | undefined) => (text ?? '').replaceAll("'", '');
      for (const [i, row] of rows.entries()) expect(cells[i]?.map(bare)).toEqual(row.map((cell) => bare(visible(cell))));
    }),
  );
});

test('no text begins a formula, for a reader by commas or by semicolons', () => {
  fc.assert(
    fc.property(fc.oneof(anything, nasty), (text) => {
      const [[cell = ''] = []] = read(csv([text], []));
      for (const part of cell.split(/[;|\t\r\n]/)) expect(part).not.toMatch(/^[\s"]*[=+\-@＝＋－＠]/u);
      expect(cell).not.toMatch(/[\t\r\n]/);
    }),
  );
});

test('a number is a number, what is not there is empty', () => {
  expect(csv(['n', 'm'], [[-1.5, null]])).toBe('"n","m"\r\n-1.5,\r\n');
});

test('what a spreadsheet would run is text', () => {
  const [[one, two, three, four] = []] = read(csv(['=1+1', ' "@SUM(1)', 'a;=cmd', '\t-2'], []));
  expect([one, two, three, four]).toEqual(["'=1+1", '\' "@SUM(1)', "a;'=cmd", '␉-2']);
});
