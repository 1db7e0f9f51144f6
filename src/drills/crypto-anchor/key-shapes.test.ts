import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keysIn } from './key-shapes.ts';

const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const der = privateKey.export({ type: 'pkcs8', format: 'der' });
const fingerprint = sha256(publicKey.export({ type: 'spki', format: 'der' }));
const another = `sha256:${'0'.repeat(64)}`;
const is = (text: string | Buffer, print: string | null) => keysIn(Buffer.from(text as string), print).map(({ isTheKey }) => isTheKey);

describe('a private key', () => {
  test.each([
    ['as PEM', pem],
    ['in other text', `before\n${pem}after`],
    ['with its lines’ ends written out', JSON.stringify({ key: pem })],
    ['in base64', Buffer.from(pem).toString('base64')],
    ['as DER', der],
  ])('%s is found, and told by its public half', (_how, text) => {
    expect([is(text, fingerprint), is(text, another), is(text, null)]).toEqual([[true], [false], [null]]);
  });

  test('that is encrypted is one of which nobody can tell', () => {
    const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string;
    expect(is(locked, fingerprint)).toEqual([null]);
  });

  test('is not a program’s own words for one, nor its public half', () => {
    expect(is('-----BEGIN PRIVATE KEY-----\0-----END PRIVATE KEY-----', null)).toEqual([]);
    expect(is(publicKey.export({ type: 'spki', format: 'pem' }) as string, null)).toEqual([]);
    expect(is(publicKey.export({ type: 'spki', format: 'der' }), null)).toEqual([]);
  });
});

describe('a symmetric key is found by its fingerprint', () => {
  const bytes = randomBytes(32);
  test.each([
    ['as it is', bytes],
    ['in hexadecimal, in a file of settings', `KEY="${bytes.toString('hex')}"\n`],
    ['in base64', `key: ${bytes.toString('base64')}\n`],
    ['in base64url', bytes.toString('base64url')],
  ])('%s', (_how, text) => {
    expect([is(text, sha256(bytes)), is(text, another), is(text, null)]).toEqual([[true], [], []]);
  });

  test('a pass phrase too', () => expect(is('correct horse\n', sha256(Buffer.from('correct horse')))).toEqual([true]));
});
