import { describe, expect, test } from 'vitest';
import { judgeAnswer } from './expectation.ts';

const plain = { exitCode: 0, min: null, max: null, equals: null, contains: null };

describe('judgeAnswer', () => {
  test.each([
    [{ exitCode: 0, stdout: '' }, plain, null],
    [{ exitCode: 1, stdout: '' }, plain, 'exit code 1, expected 0'],
    [{ exitCode: 3, stdout: '' }, { ...plain, exitCode: 3 }, null],
    [{ exitCode: null, stdout: 'ok' }, plain, 'the command did not end'],
    [{ exitCode: 0, stdout: '17\n' }, { ...plain, max: 100 }, null],
    [{ exitCode: 0, stdout: '100\n' }, { ...plain, max: 100, min: 100 }, null],
    [{ exitCode: 0, stdout: '101\n7\n' }, { ...plain, max: 100 }, '101, expected at most 100'],
    [{ exitCode: 0, stdout: ' -1.5 \r\n' }, { ...plain, min: 0 }, '-1.5, expected at least 0'],
    [{ exitCode: 0, stdout: '' }, { ...plain, min: 0 }, 'the first line is not a number'],
    [{ exitCode: 0, stdout: '0x10\n' }, { ...plain, max: 100 }, 'the first line is not a number'],
    [{ exitCode: 0, stdout: 'PONG\n' }, { ...plain, equals: 'PONG' }, null],
    [{ exitCode: 0, stdout: 'PONG!\n' }, { ...plain, equals: 'PONG' }, 'the first line is not the expected one'],
    [{ exitCode: 0, stdout: 'role:master\n' }, { ...plain, contains: 'master' }, null],
    [{ exitCode: 0, stdout: 'role:slave\nmaster' }, { ...plain, contains: 'master' }, 'the first line lacks the expected text'],
  ])('%j against %j: %s', (answer, expected, error) => {
    expect(judgeAnswer(answer, expected)).toBe(error);
  });

  test('never repeats what was printed', () => {
    const printed = { exitCode: 0, stdout: 'hunter2\n' };
    for (const expected of [
      { ...plain, equals: 'x' },
      { ...plain, contains: 'x' },
      { ...plain, min: 1 },
    ]) {
      expect(judgeAnswer(printed, expected)).not.toContain('hunter2');
    }
  });
});
