import { expect, test } from 'vitest';
import { InvalidError } from '../domain/errors.ts';
import { execute } from './program.ts';

async function hint(...argv: string[]): Promise<string | undefined> {
  try {
    await execute(argv, { version: '0', write: () => undefined, open: () => expect.unreachable() });
  } catch (error) {
    if (error instanceof InvalidError) return error.hint;
    throw error;
  }
  return expect.unreachable();
}

test('what was typed wrongly leads to the help of its own command', async () => {
  expect(await hint('run')).toBe('pitwall run --help');
  expect(await hint('runs', '--since', '7d')).toBe('pitwall runs --help');
  expect(await hint('token', 'create', 'me', '--role', 'admn')).toBe('pitwall token create --help');
  expect(await hint('--json', 'token', 'creat')).toBe('pitwall token --help');
  expect(await hint('rn')).toBe('pitwall --help');
});
