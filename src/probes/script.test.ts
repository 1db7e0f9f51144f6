import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quoted, readAnswers, scriptOf, shown } from './script.ts';

test('what a step prints is not taken for an answer, and one that says nothing has none', () => {
  const steps = [
    { key: 'A/one', name: 'one', run: 'true' },
    { key: 'A/two', name: 'two', run: '$B id -u' },
  ];
  const lines = ['n0 A/one 1 bm8=', 'other A/two 0 MA==', 'A/two 0 MA==', 'n0 B/unknown 0 eA=='];
  const { results, complete } = readAnswers(lines, steps, 'n0');
  expect([...results]).toEqual([['A/one', { command: 'true', exitCode: 1, output: 'no' }]]);
  expect(complete).toBe(false);
  expect(readAnswers(['n0 end 0 '], steps, 'n0').complete).toBe(true);
});

test('quotes of every sort survive', () => {
  for (const text of [`it's`, `a"b$c\`d\\e`, "''", 'a\nb'])
    expect(execFileSync('sh', ['-c', `printf %s ${quoted(text)}`]).toString()).toBe(text);
});

test('the applets are shown as a reader would type them', () => {
  expect(shown('"$B" unshare -U -r $B true')).toBe('unshare -U -r true');
  expect(shown('$B cp $B "$f"')).toBe('cp $B "$f"');
  expect(scriptOf([{ key: 'A/x', name: 'x', run: 'true', aside: true, bytes: 9_999 }], 'n')).toContain("step 'A/x' 3 2049 'true' &");
});

test('only the attempt carries the mark, and the arguments of the first process have it in pieces', () => {
  const steps = [
    { key: 'seen/status', name: 'status', run: 'true' },
    { key: 'A/x', name: 'x', run: 'printf %s "$PITWALL_MARK $0"' },
  ];
  const script = scriptOf(steps, 'n', { mark: "a mark's" });
  expect(script).not.toContain("a mark's");
  const lines = script.split('\n');
  expect(lines.findIndex((line) => line.startsWith('PITWALL_MARK='))).toBe(lines.findIndex((line) => line.startsWith("step 'A/x'")) - 1);
  const assigned = lines.find((line) => line.startsWith('PITWALL_MARK=')) ?? '';
  expect(execFileSync('sh', ['-c', `${assigned}; printf %s "$PITWALL_MARK"`]).toString()).toBe("a mark's");
});
