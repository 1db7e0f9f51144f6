import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { FailedError } from '../../../../domain/errors.ts';

/** A certificate with its chain, and its key where it was given. */
export interface Identity {
  /** PEM: the certificate, then its chain. */
  readonly chain: string;
  /** PEM */
  readonly key: string | null;
  readonly certificate: X509Certificate;
}

/** Reads PEM blocks, whatever stands between them. `what` names them in the `FailedError` of one that is no certificate, or whose key is another's; no value is in it. */
export function readIdentity(pem: string, what: string): Identity {
  const blocks = pem.match(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g) ?? [];
  const certificates = blocks.filter((block) => block.startsWith('-----BEGIN CERTIFICATE-----'));
  const key = blocks.find((block) => /^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/.test(block)) ?? null;
  const [first] = certificates;
  if (first === undefined) throw new FailedError('not_a_certificate', `${what} holds no certificate in PEM`);
  const certificate = quietly(() => new X509Certificate(first), `${what} holds a certificate that cannot be read`);
  if (key !== null) {
    const own = quietly(() => createPrivateKey(key), `${what} holds a private key that cannot be read: it may not be encrypted`);
    if (!certificate.checkPrivateKey(own))
      throw new FailedError('not_a_certificate', `${what} holds a private key that is not its certificate's`);
  }
  return { chain: `${certificates.join('\n')}\n`, key: key === null ? null : `${key}\n`, certificate };
}

/** SHA-256, 64 hexadecimal digits in lower case. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

export function sameKey(one: X509Certificate, other: X509Certificate): boolean {
  const bytes = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });
  return bytes(one.publicKey).equals(bytes(other.publicKey));
}

/** Messages of the library may hold pieces of what it read. */
function quietly<T>(read: () => T, problem: string): T {
  try {
    return read();
  } catch {
    throw new FailedError('not_a_certificate', problem);
  }
}
