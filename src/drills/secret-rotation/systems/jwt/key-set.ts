import { createHash, type JsonWebKey } from 'node:crypto';
import { z } from 'zod';
import { FailedError } from '../../../../domain/errors.ts';

const schema = z.looseObject({ keys: z.array(z.looseObject({ kid: z.string().optional() })) });

/** Throws `FailedError`; `what` names the file. */
export function readKeySet(text: string, what: string) {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new FailedError('not_a_key_set', `${what} is no JWK set: expected { "keys": […] }`);
  }
}

/** The same set with the key, in the place of one of its name. */
export function withKey(text: string, key: JsonWebKey, what: string): string {
  const set = readKeySet(text, what);
  return written({ ...set, keys: [...set.keys.filter(({ kid }) => kid !== key.kid), key] }, text);
}

export function withoutKey(text: string, kid: string, what: string): string {
  const set = readKeySet(text, what);
  return written({ ...set, keys: set.keys.filter((key) => key.kid !== kid) }, text);
}

/** The same public key, whatever else is said of it. */
export function sameJwk(one: JsonWebKey, other: JsonWebKey): boolean {
  return (['kty', 'crv', 'x', 'y', 'n', 'e'] as const).every((member) => one[member] === other[member]);
}

/** RFC 7638: a name that everybody who has the key comes to. */
export function thumbprint(key: JsonWebKey): string {
  const members = { RSA: ['e', 'kty', 'n'], EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'] }[key.kty ?? ''] ?? [];
  const canonical = JSON.stringify(Object.fromEntries(members.map((member) => [member, key[member]])));
  return createHash('sha256').update(canonical).digest('base64url');
}

function written(set: object, before: string): string {
  return before.trim().includes('\n') ? `${JSON.stringify(set, null, 2)}\n` : JSON.stringify(set);
}
