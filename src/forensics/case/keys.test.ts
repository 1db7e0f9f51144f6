import { execFile } from 'node:child_process';
import { verify } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSigner, publicKeyOf } from './keys.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'case-keys-'));
});
afterEach(() => rm(home, { recursive: true }));

const path = () => join(home, 'evidence-key.pem');

test('a key is made once, for its owner alone, and its signatures verify with the public one', async () => {
  const made = await loadSigner(home);
  expect((await stat(path())).mode & 0o777).toBe(0o600);
  expect(await readFile(path(), 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  const again = await loadSigner(home);
  expect(again.keyid).toBe(made.keyid);
  const { key, keyid } = publicKeyOf(made.publicKey);
  expect(keyid).toBe(made.keyid);
  expect(verify(null, Buffer.from('x'), key, again.sign(Buffer.from('x')))).toBe(true);
  expect(await readdir(home)).toEqual(['evidence-key.pem']);
});

test('many that make it at once have the same', async () => {
  const signers = await Promise.all(Array.from({ length: 20 }, () => loadSigner(home)));
  expect(new Set(signers.map(({ keyid }) => keyid)).size).toBe(1);
  expect(await readdir(home)).toEqual(['evidence-key.pem']);
});

test('one that others can read, that is no such key or that is a link is refused by name', async () => {
  await loadSigner(home);
  await chmod(path(), 0o640);
  await expect(loadSigner(home)).rejects.toMatchObject({ code: 'evidence_key', message: `${path()} can be read by others (mode 640)` });
  await chmod(path(), 0o600);
  await writeFile(path(), 'garbage');
  await expect(loadSigner(home)).rejects.toThrow(/is not a private key/);
  await promisify(execFile)('openssl', ['genpkey', '-algorithm', 'X25519', '-out', path()]);
  await expect(loadSigner(home)).rejects.toThrow(/is not an Ed25519 key but x25519/);
  await rm(path());
  await symlink('/etc/hostname', path());
  await expect(loadSigner(home)).rejects.toMatchObject({ code: 'evidence_key' });
});
