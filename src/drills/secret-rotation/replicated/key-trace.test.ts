import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyTrace } from './key-trace.ts';

const pairs = {
  ec: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  rsa: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ed25519: () => generateKeyPairSync('ed25519'),
};

test.each(['ec', 'rsa', 'ed25519'] as const)('a key of %s is found again by a piece that its public key does not have', (type) => {
  const { privateKey, publicKey } = pairs[type]();
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const trace = keyTrace(`some text\n${pem}`)?.reveal() ?? '';
  expect(trace.length).toBeGreaterThanOrEqual(60);
  expect(pem.split('\n')).toContain(trace);
  expect(publicKey.export({ type: 'spki', format: 'pem' }).toString()).not.toContain(trace);
  const jwk = createPrivateKey(pem).export({ format: 'jwk' });
  expect(keyTrace(JSON.stringify(jwk, null, 2))?.reveal()).toBe(jwk.d);
});

test('what is no private key has none', () => {
  expect(keyTrace('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toBeNull();
});
