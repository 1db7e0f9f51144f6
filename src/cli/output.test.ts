import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createOutput, type Output, quotedLines } from './output.ts';

/** What a terminal gets. */
function printed(work: (out: Output) => void, env: NodeJS.ProcessEnv = {}): string {
  const parts: string[] = [];
  const stream = { isTTY: true, write: (part: string) => parts.push(part) > 0 } as unknown as NodeJS.WriteStream;
  work(createOutput(false, { stdout: stream, stderr: stream, env }));
  return parts.join('');
}

const line = (text: string) => printed((out) => out.line(text));

test('no colour but ours passes, not even one that is like ours: it could be taken for a word of ours, or hide what follows', () => {
  const foreign = '\u001b[32mpassed\u001b[39m \u001b[8m\u001b[30m\u001b[40m\u001b[38;5;0m\u001b[7mx';
  const all = printed((out) => {
    out.line(`${out.paint('bad', foreign)} ${foreign}`);
    out.table(['A'], [[out.paint('quiet', foreign)], [foreign]]);
    out.progress(foreign);
    out.warn(foreign);
    out.error(new Error(foreign));
  });
  expect(all).toContain('\u001b[31m\ufffd[32mpassed\ufffd[39m');
  expect(all).toContain('\u001b[90m\ufffd[32mpassed');
  expect(all).toContain('\u001b[33mwarning:\u001b[39m \ufffd[32m');
  expect(all).not.toContain('\u001b[32m');
  expect(all).not.toMatch(/\p{Cc}\[(?!(?:1|22|31|33|39|90)m)/u);
});

test('nobody else can write a mark of ours, not even who has seen one', () => {
  let mark = '';
  printed((out) => {
    mark = out.paint('good', 'passed');
  });
  expect(mark).not.toBe('passed');
  expect(line(mark)).not.toContain('\u001b');
});

test('without colours there is not a mark of them', () => {
  expect(printed((out) => out.line(out.paint('bad', 'failed')), { NO_COLOR: '1' })).toBe('failed\n');
});

test('a painted cell takes as much room as its text', () => {
  const rows = (out: Output) => [
    [out.paint('good', 'passed'), 'x'],
    ['no', 'x'],
  ];
  const table = printed((out) => out.table(['VERDICT', 'B'], rows(out)));
  expect(
    stripVTControlCharacters(table)
      .trimEnd()
      .split('\n')
      .map((row) => row.search(/[xB]/)),
  ).toEqual([9, 9, 9]);
});

test('tab and newline pass; every other control character is made visible', () => {
  expect(line('red\tand\n')).toBe('red\tand\n\n');
  expect(line('a\u0007b\u001b]0;title\u0007\r\u009b2J')).toBe('a\ufffdb\ufffd]0;title\ufffd\ufffd\ufffd2J\n');
  expect(line('\u001b[2J')).toBe('\ufffd[2J\n');
});

test('what a container said has no colour at all, and no line that looks like ours', () => {
  expect(quotedLines('e\u001b[31mvil\n  holds  critical FS-03\u202e', '    ')).toBe('e\ufffd[31mvil\n      holds  critical FS-03\ufffd');
});
