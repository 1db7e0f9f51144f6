import type { RegistryAccess } from './access.ts';
import type { Layout } from './layout.ts';
import type { Descriptor } from './media.ts';
import { readBack, wrongBlobs } from './read-back.ts';
import { getManifest } from './remote.ts';
import { openSession, type Session } from './session.ts';
import { childrenOf, partsOf, walkLayout } from './walk.ts';

export interface VerifyOptions {
  readonly signal: AbortSignal;
  /** `full` reads every blob and hashes it. (Default: `full`.) */
  readonly pullBack?: 'heads' | 'full';
}

/**
 * Compares the registry's copy of an image with its digest, down to the last blob. `reference` is a tag of the repository, or what `push`
 * answered. What is wrong, a few words each, naming the manifest or blob; nothing when all is as it was.
 * @throws FailedError `registry_unreachable`, `registry_refused`: then nothing is known.
 */
export async function verifyRemote(access: RegistryAccess, reference: string, digest: string, options: VerifyOptions): Promise<string[]> {
  const session = openSession(access, options.signal);
  try {
    const tag = reference.slice(reference.lastIndexOf(':') + 1);
    return await verify(session, tag, digest, options.pullBack ?? 'full');
  } finally {
    session.close();
  }
}

/**
 * Compares the registry's copy with the layout that is kept here: every manifest by its tag and digest, every blob, and that each statement
 * is listed for what it is about. As `verifyRemote` otherwise.
 */
export async function verifyPushed(layout: Pick<Layout, 'folder'>, access: RegistryAccess, options: VerifyOptions): Promise<string[]> {
  const session = openSession(access, options.signal);
  try {
    return await readBack(session, await walkLayout(layout), options.pullBack ?? 'full');
  } finally {
    session.close();
  }
}

async function verify(session: Session, reference: string, digest: string, how: 'heads' | 'full'): Promise<string[]> {
  const found = await getManifest(session, reference);
  if (found === null) return [`the manifest ${reference} is not there`];
  // Nothing in it is believed then.
  if (found.digest !== digest) return [`the manifest ${reference} is ${found.digest} and not ${digest}`];
  const wrong: string[] = [];
  for (const child of childrenOf(found.bytes)) wrong.push(...(await verify(session, child.digest, child.digest, how)));
  const blobs: readonly Descriptor[] = partsOf(found.bytes).blobs;
  return [...wrong, ...(await wrongBlobs(session, blobs, how))];
}
