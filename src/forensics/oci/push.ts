import { type RegistryAccess, referenceOf } from './access.ts';
import { letsAnyonePull } from './anyone.ts';
import { blobPath } from './blobs.ts';
import type { Layout } from './layout.ts';
import type { Descriptor } from './media.ts';
import { readBack } from './read-back.ts';
import { listReferrer } from './referrers.ts';
import { checkName } from './remote.ts';
import { openSession, type Session } from './session.ts';
import { uploadBlob } from './upload.ts';
import { type Walked, walkLayout } from './walk.ts';

export interface PushOptions {
  readonly signal: AbortSignal;
  /** `full` reads every blob back and hashes it; `heads` asks for their sizes and digests. Manifests are read back in both. (Default: `heads`.) */
  readonly pullBack?: 'heads' | 'full';
  readonly onProgress?: (progress: PushProgress) => void;
}

/** Bytes of blobs. What was there already counts as done. */
export interface PushProgress {
  readonly done: number;
  readonly total: number;
}

export interface Pushed {
  /** Of the committed image, or of the first one where there is none: `127.0.0.1:5000/evidence:ev_…`. */
  readonly reference: string;
  readonly images: readonly { readonly reference: string; readonly digest: string }[];
  readonly sentBytes: number;
  /** Sentences for the reader. */
  readonly notes: readonly string[];
}

/**
 * Pushes all images of a layout and what refers to them, and reads them back. What is there already is not sent again, so it may be called
 * as often as one likes, by several processes at once.
 * @throws FailedError with a `RegistryErrorCode`, or `evidence_altered`; the signal's reason. What was sent until then stays there.
 */
export async function push(layout: Pick<Layout, 'folder' | 'name'>, access: RegistryAccess, options: PushOptions): Promise<Pushed> {
  const walked = await walkLayout(layout);
  const session = openSession(access, options.signal);
  try {
    const sentBytes = await sendBlobs(session, layout, walked, options);
    for (const manifest of walked) await putManifest(session, manifest);
    const wrong = await readBack(session, walked, options.pullBack ?? 'heads');
    if (wrong[0] !== undefined) throw session.error({ action: 'read the evidence back' }, 'registry_digest', wrong.join('; '));
    const tagged = walked.flatMap(({ tag, descriptor }) => (tag === null ? [] : [{ tag, digest: descriptor.digest }]));
    const first = tagged.find(({ tag }) => tag === layout.name) ?? tagged[0];
    const warning = first === undefined ? null : await letsAnyonePull(access, first.tag, options.signal);
    return {
      reference: referenceOf(access, first?.tag ?? layout.name),
      images: tagged.map(({ tag, digest }) => ({ reference: referenceOf(access, tag), digest })),
      sentBytes,
      notes: warning === null ? [] : [warning],
    };
  } finally {
    session.close();
  }
}

/**
 * Sends the blobs that a layout has by now, before it is whole, so that less is left for `push`.
 * @throws as `push`.
 */
export async function sendAhead(layout: Pick<Layout, 'folder' | 'name'>, access: RegistryAccess, signal: AbortSignal): Promise<void> {
  const session = openSession(access, signal);
  try {
    await sendBlobs(session, layout, await walkLayout(layout), { signal });
  } finally {
    session.close();
  }
}

async function sendBlobs(
  session: Session,
  layout: Pick<Layout, 'folder'>,
  walked: readonly Walked[],
  options: PushOptions,
): Promise<number> {
  const blobs = new Map<string, Descriptor>(walked.flatMap((manifest) => manifest.blobs.map((blob) => [blob.digest, blob])));
  const total = [...blobs.values()].reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let sent = 0;
  for (const blob of blobs.values()) {
    let part = 0;
    const onSent = (bytes: number) => {
      part = Math.min(part + bytes, blob.size);
      options.onProgress?.({ done: done + part, total });
    };
    const how = await uploadBlob(session, blob, blobPath(layout, blob.digest), { signal: options.signal, onSent });
    if (how === 'sent') sent += blob.size;
    done += blob.size;
    options.onProgress?.({ done, total });
  }
  return sent;
}

async function putManifest(session: Session, { descriptor, bytes, tag, subject }: Walked): Promise<void> {
  const action = `store the manifest ${tag ?? descriptor.digest}`;
  const answer = await session.call({
    method: 'PUT',
    to: `manifests/${tag ?? descriptor.digest}`,
    headers: { 'Content-Type': descriptor.mediaType },
    body: bytes,
    action,
  });
  checkName(session, action, answer, descriptor.digest);
  // A registry that says which subject it saw keeps the list itself.
  if (subject !== null && answer.headers['oci-subject'] === undefined) await listReferrer(session, subject, descriptor);
}
