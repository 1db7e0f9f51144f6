import { FailedError, RefusedError } from '../../../../domain/errors.ts';
import type { Hold } from '../../replicated/hold.ts';
import { type KeptFile, readKept, replaceKept, whereOf } from '../../replicated/kept-file.ts';
import { runOwn } from '../../replicated/own-command.ts';
import type { SystemScope } from '../../system.ts';
import type { Trust } from './params.ts';
import type { Identity } from './pem.ts';
import { blocks, lines } from './trust-lists.ts';

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
    for (const file of files) if (!holds(await readKept(file, held.scope))) throw new RefusedError(code, `${whereOf(file)} ${problem}`);
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
