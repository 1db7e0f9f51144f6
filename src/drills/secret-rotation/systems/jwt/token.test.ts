import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { readKeySet, sameJwk, thumbprint, withKey, withoutKey } from './key-set.ts';
import { algorithms, fits, mint, newSigningKey, publicJwk, readPrivateKey } from './token.ts';

test.each(algorithms)('a token of %s is good by its published key, and by no other', (algorithm) => {
  const [key, other] = [newSigningKey(thumbprint, algorithm), newSigningKey(thumbprint, algorithm)];
  const [head = '', body = '', signature = ''] = mint(key, { aud: 'shop' }, 'one', 1_000_000, 60_000).split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown;
  expect(read(head)).toEqual({ alg: algorithm, typ: 'JWT', kid: key.kid });
  expect(read(body)).toEqual({ aud: 'shop', jti: 'one', iat: 1000, exp: 1060 });
  const good = (jwk: JsonWebKey) => {
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    const how = algorithm === 'ES256' ? ({ key: publicKey, dsaEncoding: 'ieee-p1363' } as const) : publicKey;
    return verify(algorithm === 'EdDSA' ? null : 'sha256', Buffer.from(`${head}.${body}`), how, Buffer.from(signature, 'base64url'));
  };
  expect(good(publicJwk(key))).toBe(true);
  expect(good(publicJwk(other))).toBe(false);
  expect(publicJwk(key)).not.toHaveProperty('d');
  expect(algorithms.filter((one) => fits(key.privateKey, one))).toEqual([algorithm]);

  const written = key.privateKey.export({ format: 'jwk' });
  expect(publicJwk({ ...key, privateKey: readPrivateKey(JSON.stringify(written), 'it') })).toEqual(publicJwk(key));
  expect(sameJwk(publicJwk(key), publicJwk(other))).toBe(false);
});

test('the thumbprint is that of RFC 7638, 3.1', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  expect(thumbprint({ kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' })).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
});

test('a key comes into a set and goes, and all else stays', () => {
  const key = publicJwk(newSigningKey(() => 'new', 'EdDSA'));
  const before = '{ "keys": [{ "kty": "oct", "kid": "other" }], "more": 1 }';
  const added = withKey(before, key, 'it');
  expect(readKeySet(added, 'it').keys.map(({ kid }) => kid)).toEqual(['other', 'new']);
  expect(withKey(added, key, 'it')).toBe(added);
  expect(JSON.parse(withoutKey(added, 'new', 'it'))).toEqual(JSON.parse(before));
  expect(() => readKeySet('[]', 'jwks.json')).toThrow('jwks.json is no JWK set');
});
