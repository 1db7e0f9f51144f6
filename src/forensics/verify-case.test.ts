import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verify } from './verify-case.ts';

test('a file called like a case does not stand in for it', async () => {
  const id = `ev_01J${'0'.repeat(23)}`;
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-verify-case-'));
  const from = process.cwd();
  writeFileSync(join(folder, id), 'not it');
  process.chdir(folder);
  try {
    const found = new Error('the case was looked up');
    const find = () => {
      throw found;
    };
    const deps = { root: folder, registry: null, find, signer: () => Promise.reject(new Error('no key')) };
    await expect(verify(id, { offline: true }, deps)).rejects.toBe(found);
  } finally {
    process.chdir(from);
    rmSync(folder, { recursive: true, force: true });
  }
});
