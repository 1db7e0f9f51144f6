import { X509Certificate } from 'node:crypto';
import { FailedError, RefusedError } from '../../../../domain/errors.ts';
import type { Hold } from '../../replicated/hold.ts';
import { type KeptFile, readKept, replaceKept, whereOf } from '../../replicated/kept-file.ts';
import { runOwn } from '../../replicated/own-command.ts';
import type { SystemScope } from '../../system.ts';
import type { Trust } from './params.ts';
import { fingerprintOf, type Identity } from './pem.ts';

/** The file by which servers know which client certificates to trust, in each replica. Adding or removing twice is no different. */
export interface TrustFile {
  /** Throws `RefusedError` when the file is not what it is said to be, or does not name the certificate where it should. */
  check(identity: Identity | null): Promise<void>;
  admit(identity: Identity): Promise<void>;
  expel(identity: Identity): Promise<void>;
}

export function trustPath(trust: Trust): string {
  return 'crl' in trust ? trust.crl : 'fingerprints' in trust ? trust.fingerprints : trust.certificates;
}

export function trustFile(trust: Trust, files: readonly KeptFile[], held: Hold, scope: SystemScope): TrustFile {
  const edit = async (change: (content: string) => string) => {
    for (const file of files) {
      const content = await readKept(file, held.scope);
      const changed = change(content);
      if (changed !== content) await replaceKept(file, changed, held.scope);
    }
  };
  const all = async (holds: (content: string) => boolean, code: string, problem: string) => {
    for (const file of files)
      if (!holds(await readKept(file, held.scope))) throw new RefusedError(code, `${whereOf(file)} ${problem}`);
  };

  if ('crl' in trust)
    return {
      check: () => all((content) => crlBlock.test(content), 'no_crl', 'holds no revocation list in PEM'),
      // Whoever the CA signed is trusted.
      admit: async () => {},
      async expel({ chain }) {
        const list = (await runOwn('the revocation', trust.revoke, chain, scope)).match(crlBlock)?.[0];
        if (list === undefined)
          throw new FailedError('step_failed', `what ${trust.revoke.exec[0]} printed holds no revocation list in PEM`);
        await edit(() => `${list}\n`);
      },
    };
  const { holds, add, remove } = 'fingerprints' in trust ? lines : blocks;
  return {
    check: async (identity) => {
      if (identity !== null)
        await all((content) => holds(content, identity), 'not_trusted', 'does not have the current client certificate');
    },
    admit: (identity) => edit((content) => (holds(content, identity) ? content : add(content, identity))),
    expel: (identity) => edit((content) => remove(content, identity)),
  };
}

const crlBlock = /-----BEGIN X509 CRL-----[\s\S]+?-----END X509 CRL-----/;
const certificateBlock = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g;

const lines = {
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

const blocks = {
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
