import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** For tests alone: certificates made on the spot, since no private key belongs in a repository, and not every machine has openssl. */
export interface Certificate {
  readonly name: string;
  readonly privateKey: KeyObject;
  /** PEM */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

/** Valid for a day; signed by `issuer`, or by itself as an authority. X.509 v3 (RFC 5280) with ECDSA on P-256. */
export function certificate(name: string, issuer?: Certificate, altName?: string): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const now = Date.now();
  const extensions = [
    sequence(oid(0x55, 0x1d, 0x13), der(0x04, issuer === undefined ? sequence(der(0x01, Buffer.from([0xff]))) : sequence())),
    ...(altName === undefined ? [] : [sequence(oid(0x55, 0x1d, 0x11), der(0x04, sequence(alternative(altName))))]),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, ...randomBytes(12)])),
    sequence(ecdsaWithSha256),
    commonName(issuer?.name ?? name),
    sequence(time(now - 3_600_000), time(now + 86_400_000)),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const cert = pem('CERTIFICATE', signedBy(issuer?.privateKey ?? privateKey, body));
  return { name, privateKey, cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** A list of certificates that the issuer has revoked (RFC 5280, 5), PEM; good for a day. */
export function revocationList(issuer: Certificate, revoked: readonly Certificate[]): string {
  const now = Date.now();
  const entries = revoked.map(({ cert }) =>
    sequence(der(0x02, Buffer.from(new X509Certificate(cert).serialNumber, 'hex')), time(now - 1_000)),
  );
  const body = sequence(
    der(0x02, Buffer.from([1])),
    sequence(ecdsaWithSha256),
    commonName(issuer.name),
    time(now - 3_600_000),
    time(now + 86_400_000),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
  );
  return pem('X509 CRL', signedBy(issuer.privateKey, body));
}

const ecdsaWithSha256 = oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);

function signedBy(key: KeyObject, body: Buffer): Buffer {
  return sequence(body, sequence(ecdsaWithSha256), der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, key)])));
}

function pem(what: string, whole: Buffer): string {
  // an empty line before the end is none of PEM
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${what}-----\n${lines.join('\n')}\n-----END ${what}-----\n`;
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(...bytes: number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(name)))));
}

function alternative(name: string): Buffer {
  return isIPv4(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name));
}

function time(ms: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
}
