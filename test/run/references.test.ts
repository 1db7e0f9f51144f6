import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generated } from '../../src/cli/references.ts';
import { kinds } from '../../src/kinds.ts';

test.for([...generated(kinds)])('%s is what the program says (npm run docs)', ([path, text]) => {
  expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
});
