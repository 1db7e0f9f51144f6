import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** A key that was found. */
export interface FoundKey {
  /** In words, without any of it. */
  readonly what: string;
  /** It is the one that the fingerprint names; null when none is given, or it cannot be told. */
  readonly isTheKey: boolean | null;
}

const pem =
  /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----\r?\n[A-Za-z0-9+/=:,\s-]{64,16384}?-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----/g;
/** `-----BEGIN`, in base64. */
const wrapped = /LS0tLS1CRUdJTi[A-Za-z0-9+/=]{100,32768}/g;
const token = /[A-Za-z0-9+/_-]{16,172}={0,2}/g;
const mostTokens = 4_096;
const mostDerBytes = 16_384;

/** Private keys in some bytes, and with a fingerprint anything that has it: a symmetric key as it is, in hexadecimal or in base64. */
export function keysIn(bytes: Buffer, fingerprint: string | null): FoundKey[] {
  // nearly all files hold none, and are let go at once
  const mayHold = bytes.includes('PRIVATE KEY-----') || bytes.includes('LS0tLS1CRUdJTi');
  if (!mayHold && fingerprint === null) return derIn(bytes, fingerprint);
  const text = bytes.toString('latin1');
  return [
    ...privateKeysIn(text, fingerprint),
    ...derIn(bytes, fingerprint),
    ...(fingerprint === null ? [] : symmetricIn(bytes, text, fingerprint)),
  ];
}

function privateKeysIn(text: string, fingerprint: string | null): FoundKey[] {
  const unwrapped = [...text.matchAll(wrapped)].map(([match]) => Buffer.from(match, 'base64').toString('latin1'));
  // in an environment, or in JSON, lines may end with the two characters \n
  return [text, text.replaceAll('\\n', '\n'), ...unwrapped]
    .filter((one, index, all) => all.indexOf(one) === index)
    .flatMap((one) => one.match(pem) ?? [])
    .map((one) =>
      ofKey(
        parsed(() => createPrivateKey(one)),
        fingerprint,
      ),
    );
}

/** A whole file that is one. */
function derIn(bytes: Buffer, fingerprint: string | null): FoundKey[] {
  // a sequence with a long length, as a key of any useful size is
  if (bytes[0] !== 0x30 || bytes.length < 64 || bytes.length > mostDerBytes) return [];
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    const key = parsed(() => createPrivateKey({ key: bytes, format: 'der', type }));
    if (key !== null) return [ofKey(key, fingerprint)];
  }
  return [];
}

function ofKey(key: KeyObject | null, fingerprint: string | null): FoundKey {
  if (key === null) return { what: 'a private key that cannot be read (it may be encrypted)', isTheKey: null };
  const what = `a private key (${key.asymmetricKeyType})`;
  if (fingerprint === null) return { what, isTheKey: null };
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { what, isTheKey: hashOf(publicKey) === fingerprint };
}

function symmetricIn(bytes: Buffer, text: string, fingerprint: string): FoundKey[] {
  const tokens = [...text.matchAll(token)].slice(0, mostTokens).map(([match]) => match);
  const candidates = [bytes, Buffer.from(text.trim(), 'latin1'), ...tokens.flatMap(readings)];
  return candidates.some((candidate) => hashOf(candidate) === fingerprint) ? [{ what: 'the key’s bytes', isTheKey: true }] : [];
}

function readings(text: string): Buffer[] {
  const hexadecimal = /^(?:[0-9a-f]{2})+$/i.test(text) ? [Buffer.from(text, 'hex')] : [];
  return [Buffer.from(text, 'latin1'), ...hexadecimal, Buffer.from(text, 'base64')];
}

function hashOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function parsed(read: () => KeyObject): KeyObject | null {
  try {
    return read();
  } catch {
    return null;
  }
}
