import { Secret } from '../../../domain/secret.ts';

/**
 * A piece of a private key by which it is found again wherever it is kept, in a file or in a line of an environment: of PEM a line of its body that no public part
 * of the key has, of a JWK its `d`. Null where it is neither.
 */
export function keyTrace(text: string): Secret | null {
  const jwk = /"d"\s*:\s*"([\w-]{16,})"/.exec(text)?.[1];
  if (jwk !== undefined) return new Secret(jwk);
  const body = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----([\s\S]+?)-----END /.exec(text)?.[1];
  const lines = body?.trim().split(/\s+/) ?? [];
  // of an elliptic curve the secret comes first; of RSA the modulus, which is public
  const line = lines.length > 4 ? lines.at(-2) : lines[0];
  return line === undefined ? null : new Secret(line);
}
