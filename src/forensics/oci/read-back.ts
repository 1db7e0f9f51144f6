import type { Descriptor } from './media.ts';
import { referrersOf } from './referrers.ts';
import { getManifest, hashBlob, headBlob } from './remote.ts';
import type { Session } from './session.ts';
import type { Walked } from './walk.ts';

/** What is not in the repository as it was put there, a few words each; nothing when all is. */
export async function readBack(session: Session, walked: readonly Walked[], how: 'heads' | 'full'): Promise<string[]> {
  const wrong: string[] = [];
  for (const { descriptor, tag, subject } of walked) {
    for (const reference of [descriptor.digest, ...(tag === null ? [] : [tag])]) {
      const found = await getManifest(session, reference);
      if (found === null) wrong.push(`the manifest ${reference} is not there`);
      else if (found.digest !== descriptor.digest) wrong.push(`the manifest ${reference} came back as ${found.digest}`);
    }
    if (subject !== null && !(await referrersOf(session, subject)).includes(descriptor.digest)) {
      wrong.push(`the statement ${descriptor.digest} is not listed for ${subject}`);
    }
  }
  const blobs = new Map(walked.flatMap((manifest) => manifest.blobs.map((blob) => [blob.digest, blob])));
  return [...wrong, ...(await wrongBlobs(session, [...blobs.values()], how))];
}

export async function wrongBlobs(session: Session, blobs: readonly Descriptor[], how: 'heads' | 'full'): Promise<string[]> {
  const wrong: string[] = [];
  for (const blob of blobs) {
    const state = how === 'full' ? await hashBlob(session, blob) : await headBlob(session, blob);
    if (state !== null)
      wrong.push(state === 'missing' ? `the blob ${blob.digest} is not there` : `the blob ${blob.digest} came back as another`);
  }
  return wrong;
}
