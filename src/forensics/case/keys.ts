import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FailedError, InvalidError } from '../../domain/errors.ts';

/** Signs evidence. The private key stays inside. */
export interface Signer {
  /** SHA-256 of the public key as DER SPKI, hexadecimal. */
  readonly keyid: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  /** Ed25519, 64 bytes. */
  sign(bytes: Uint8Array): Buffer;
}

export const keyName = 'evidence-key.pem';

/**
 * The key of this home, made on first use. Of two processes that make one at once, both use the one that was there first.
 * @throws FailedError `evidence_key` when others can read it, it is no Ed25519 key, or it cannot be read or made.
 */
export async function loadSigner(home: string): Promise<Signer> {
  const path = join(home, keyName);
  try {
    return signerOf(await readKey(path), path);
  } catch (error) {
    if (!isMissing(error)) throw keyFailure(error, path);
  }
  try {
    await makeKey(home, path);
    return signerOf(await readKey(path), path);
  } catch (error) {
    throw keyFailure(error, path);
  }
}

/** Of a public key as PEM, from a file or given as such. @throws InvalidError `evidence_key` when it is not an Ed25519 key. */
export function publicKeyOf(pem: string): { readonly key: KeyObject; readonly keyid: string; readonly pem: string } {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (error) {
    throw new InvalidError('evidence_key', 'this is not a public key in PEM form', { cause: error });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new InvalidError('evidence_key', 'this is not an Ed25519 key');
  const der = key.export({ type: 'spki', format: 'der' });
  return { key, keyid: createHash('sha256').update(der).digest('hex'), pem: key.export({ type: 'spki', format: 'pem' }).toString() };
}

function signerOf(pem: string, path: string): Signer {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new FailedError('evidence_key', `${path} is not a private key (PKCS8, PEM)`, { cause: error, hint: restore(path) });
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new FailedError('evidence_key', `${path} is not an Ed25519 key but ${key.asymmetricKeyType ?? 'something else'}`, {
      hint: restore(path),
    });
  }
  const { keyid, pem: publicKey } = publicKeyOf(createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString());
  return { keyid, publicKey, sign: (bytes) => sign(null, bytes, key) };
}

async function readKey(path: string): Promise<string> {
  // a link could have been put there to have us read, or make, something else
  await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { mode, size } = await handle.stat();
  if ((mode & 0o077) !== 0) {
    throw new FailedError('evidence_key', `${path} can be read by others (mode ${(mode & 0o777).toString(8)})`, {
      hint: `chmod 600 ${path}, and think about who has read it`,
    });
  }
  if (size > 10_000) throw new FailedError('evidence_key', `${path} is too long for a key`, { hint: restore(path) });
  return handle.readFile('utf8');
}

/** Written whole under another name first, so that nobody ever sees half a key; a link is made only where nothing is. */
async function makeKey(home: string, path: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  try {
    await using handle = await open(draft, 'wx', 0o600);
    await handle.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await handle.sync();
    await link(draft, path).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  await using folder = await open(home, 'r');
  await folder.sync();
}

function keyFailure(error: unknown, path: string): unknown {
  if (error instanceof FailedError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new FailedError('evidence_key', `the key that signs evidence, ${path}, cannot be read or made: ${message}`, { cause: error });
}

function restore(path: string): string {
  return `put the right key back, or move ${path} away: a new one is made, and older evidence verifies with its own public key`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
