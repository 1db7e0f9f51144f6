import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { FailedError } from '../../../../domain/errors.ts';

export const algorithms = ['ES256', 'RS256', 'EdDSA'] as const;
export type Algorithm = (typeof algorithms)[number];

/** A key that signs tokens, by the name that its tokens carry. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
}

/** A claim's value; `iat`, `nbf`, `exp` and `jti` are ours. */
export type Claims = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export function newSigningKey(kid: (publicKey: JsonWebKey) => string, algorithm: Algorithm): SigningKey {
  const { privateKey, publicKey } = pairOf(algorithm);
  return { kid: kid(publicKey.export({ format: 'jwk' })), algorithm, privateKey };
}

/** PEM, or a JWK. `what` names it in the `FailedError` of one that cannot be read. */
export function readPrivateKey(text: string, what: string): KeyObject {
  try {
    if (!text.trimStart().startsWith('{')) return createPrivateKey(text);
    return createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' });
  } catch {
    throw new FailedError('not_a_key', `${what} is no private key in PEM or JWK: it may not be encrypted`);
  }
}

export function fits({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, algorithm: Algorithm): boolean {
  if (algorithm === 'ES256') return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1';
  return asymmetricKeyType === { RS256: 'rsa', EdDSA: 'ed25519' }[algorithm];
}

/** As it stands in a key set. */
export function publicJwk({ kid, algorithm, privateKey }: SigningKey): JsonWebKey {
  return { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, use: 'sig', alg: algorithm };
}

/** A compact JWS (RFC 7515, 7518 and 8037). `ttlMs` from now. */
export function mint(key: SigningKey, claims: Claims, jti: string, now: number, ttlMs: number): string {
  const seconds = Math.floor(now / 1000);
  const payload = { ...claims, jti, iat: seconds, exp: seconds + Math.floor(ttlMs / 1000) };
  const signed = `${encoded({ alg: key.algorithm, typ: 'JWT', kid: key.kid })}.${encoded(payload)}`;
  return `${signed}.${signatureOf(Buffer.from(signed), key).toString('base64url')}`;
}

function signatureOf(data: Buffer, { algorithm, privateKey }: SigningKey): Buffer {
  if (algorithm === 'EdDSA') return sign(null, data, privateKey);
  return sign('sha256', data, algorithm === 'ES256' ? { key: privateKey, dsaEncoding: 'ieee-p1363' } : privateKey);
}

function pairOf(algorithm: Algorithm) {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return generateKeyPairSync('rsa', { modulusLength: 3072 });
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
