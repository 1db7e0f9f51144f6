import { rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCustody } from './custody.ts';
import { exportCase } from './export.ts';
import { testHome } from './testkit.ts';
import { sealedCase } from './testkit-sealed.ts';
import { verifyCase } from './verify/verify.ts';

test('an export follows no link out of the case', async () => {
  await using home = await testHome();
  await sealedCase(home);
  // as long as the log, so that its length tells nothing
  await writeFile(join(home.home, 'secret'), 'a secret!');
  await rm(join(home.folder, 'files/logs.txt'));
  await symlink(join(home.home, 'secret'), join(home.folder, 'files/logs.txt'));
  const exported = exportCase(home.folder, join(home.home, 'case.tar'), openCustody(home.folder, home.options));
  await expect(exported).rejects.toMatchObject({ code: 'evidence_changed' });
});

test('a folder of somebody else with a device for a key is answered for, not read without an end', async () => {
  await using home = await testHome();
  await sealedCase(home);
  await rename(join(home.folder, 'key.pub'), join(home.home, 'key.pub'));
  await symlink('/dev/zero', join(home.folder, 'key.pub'));
  const { ok, problems } = await verifyCase(home.folder, { key: home.options.signer.publicKey });
  expect(ok).toBe(false);
  expect(problems).toContainEqual({ path: 'key.pub', problem: 'cannot be read: it is not a file' });
});
