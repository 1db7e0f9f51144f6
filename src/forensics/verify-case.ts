import { existsSync } from 'node:fs';
import { FailedError } from '../domain/errors.ts';
import type { EvidenceCase } from '../domain/evidence.ts';
import { names } from './case/case-path.ts';
import type { Signer } from './case/keys.ts';
import { verifyCase as verifyFiles } from './case/verify/verify.ts';
import type { RegistryAccess } from './oci/access.ts';
import { openLayout } from './oci/layout.ts';
import { verifyPushed } from './oci/verify-remote.ts';
import { requireFolder } from './require-folder.ts';
import type { CaseVerification } from './service.ts';

export interface VerifyDeps {
  readonly root: string;
  readonly registry: RegistryAccess | null;
  signer(): Promise<Signer>;
  find(reference: string): EvidenceCase;
}

const caseId = /^ev_[0-9A-HJKMNP-TV-Z]{26}$/;

/**
 * A case of this home by its reference, or an exported file by its path: every byte against the signature, and, unless offline, the
 * registry's copy of a case that was pushed.
 */
export async function verify(
  reference: string,
  { key, offline }: { readonly key?: string | undefined; readonly offline: boolean },
  deps: VerifyDeps,
): Promise<CaseVerification> {
  // a case by its whole id is that case, whatever lies in the working directory: a file is checked against the key that it brings
  if (!caseId.test(reference) && existsSync(reference)) return { ...asVerification(await verifyFiles(reference, { key })) };
  const evidence = deps.find(reference);
  if (evidence.state === 'pruned')
    throw new FailedError(
      'pruned',
      `the bytes of ${evidence.id} were removed${evidence.push.state === 'pushed' ? '; the registry has them' : ''}`,
    );
  if (evidence.state === 'capturing')
    throw new FailedError('evidence_unsealed', `${evidence.id} is not sealed yet`, {
      hint: 'wait for its freeze, or run: pitwall recover',
    });
  const folder = requireFolder(deps.root, evidence.id);
  const local = await verifyLocal(folder, key, await deps.signer());
  if (offline || evidence.push.state !== 'pushed' || deps.registry === null) return local;
  const { problems, notes } = await remote(evidence, folder, deps.registry);
  return { ...local, ok: local.ok && problems.length === 0, problems: [...local.problems, ...problems], notes: [...local.notes, ...notes] };
}

/** With the key of this home, unless another is given. A case of another key, moved here or from before a loss, is told apart from one that was changed. */
async function verifyLocal(folder: string, key: string | undefined, signer: Signer): Promise<CaseVerification> {
  const found = asVerification(await verifyFiles(folder, { key: key ?? signer.publicKey }));
  if (found.ok || key !== undefined) return found;
  const own = asVerification(await verifyFiles(folder));
  if (!own.ok || own.signedBy === signer.keyid) return found;
  const problem = `it is whole, but signed by key ${own.signedBy?.slice(0, 16)}… and not by this home's, ${signer.keyid.slice(0, 16)}…: give the public key that you trust with --key`;
  return { ...own, ok: false, problems: [{ path: names.key, problem }], notes: [] };
}

function asVerification(found: Awaited<ReturnType<typeof verifyFiles>>): CaseVerification {
  const { ok, problems, checked, signedBy, note } = found;
  return { ok, checked, signedBy: signedBy?.keyid ?? null, problems, notes: note === null ? [] : [note] };
}

/** A registry that does not answer leaves the local answer as it is, and that is said. */
async function remote(
  evidence: EvidenceCase,
  folder: string,
  registry: RegistryAccess,
): Promise<{ readonly problems: CaseVerification['problems']; readonly notes: readonly string[] }> {
  try {
    const wrong = await verifyPushed(openLayout(folder, evidence.id, null), registry, { signal: new AbortController().signal });
    return { problems: wrong.map((problem) => ({ path: `${registry.url}/${registry.repository}`, problem })), notes: [] };
  } catch (error) {
    if (!(error instanceof FailedError)) throw error;
    return { problems: [], notes: [`the registry's copy of ${evidence.id} was not checked: ${error.message}`] };
  }
}
