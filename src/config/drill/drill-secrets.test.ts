import { describe, expect, test } from 'vitest';
import { drillOf, least, messages } from '../fixtures/drill-text.ts';
import { kinds } from '../fixtures/fake-kind.ts';
import { parseDrillFile } from './drill-file.ts';

describe('a secret that was written where a reference belongs', () => {
  const file = (password: string) => `name: a\nkind: secret-rotation\ntargets: { names: [a] }\nparams: { password: ${password} }\n`;
  test.each([
    'hunter2',
    '{ env: [hunter2] }',
    '{ env: { hunter2: hunter2 } }',
    '{ file: [hunter2], env: hunter2 }',
    '{ hunter2: }',
    '"hunter2',
    'hunter2: hunter2',
    '!hunter2 x',
  ])('is not repeated: %s', (password) => {
    const { problems } = parseDrillFile(file(password), 'd.yaml', kinds);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  test('nor is one in a URL', () => {
    const found = messages(`${least}steadyState: [{ name: x, http: "http://user:hunter2@shop/" }]`);
    expect(found).toEqual(['d.yaml:5:32 steadyState[0].http: must not carry a user name or a password']);
  });

  test('a reference is read', () => {
    expect(drillOf(file('{ env: SHOP_PASSWORD }')).params).toEqual({ password: { env: 'SHOP_PASSWORD' } });
    expect(drillOf(file('{ file: /run/secrets/x }')).params).toEqual({ password: { file: '/run/secrets/x' } });
  });
});
