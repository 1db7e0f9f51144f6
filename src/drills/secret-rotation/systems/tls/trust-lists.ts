import { X509Certificate } from 'node:crypto';
import { fingerprintOf, type Identity } from './pem.ts';

const certificateBlock = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g;

/** Of files that have a line for each certificate, with its SHA-256 fingerprint in it. */
export const lines = {
  holds: (content: string, identity: Identity) => content.split('\n').some((line) => names(line, identity)),
  /** In the form that the file has. */
  add: (content: string, { certificate }: Identity) =>
    `${ended(content)}${/(?:[0-9a-f]{2}:){31}/i.test(content) ? certificate.fingerprint256 : fingerprintOf(certificate)}\n`,
  remove: (content: string, identity: Identity) =>
    content
      .split('\n')
      .filter((line) => !names(line, identity))
      .join('\n'),
};

/** Of files that have the certificates themselves. */
export const blocks = {
  holds: (content: string, identity: Identity) => (content.match(certificateBlock) ?? []).some((block) => isOf(block, identity)),
  add: (content: string, { certificate }: Identity) => `${ended(content)}${certificate.toString()}`,
  remove: (content: string, identity: Identity) => content.replace(certificateBlock, (block) => (isOf(block, identity) ? '' : block)),
};

function names(line: string, { certificate }: Identity): boolean {
  return line.replaceAll(':', '').toLowerCase().includes(fingerprintOf(certificate));
}

function isOf(block: string, { certificate }: Identity): boolean {
  try {
    return new X509Certificate(block).fingerprint256 === certificate.fingerprint256;
  } catch {
    return false;
  }
}

function ended(content: string): string {
  return content === '' || content.endsWith('\n') ? content : `${content}\n`;
}
