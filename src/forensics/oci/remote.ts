import { createHash } from 'node:crypto';
import { type Descriptor, mediaTypes } from './media.ts';
import type { Answer, Session } from './session.ts';

/** What a repository holds, read back. */

const accepted = [mediaTypes.manifest, mediaTypes.index].join(', ');

export interface RemoteManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
  /** Of the bytes that came. */
  readonly digest: string;
}

/** By tag or digest; null when there is none. */
export async function getManifest(session: Session, reference: string): Promise<RemoteManifest | null> {
  const action = `read the manifest ${reference} back`;
  const { status, headers, body } = await session.call({
    method: 'GET',
    to: `manifests/${reference}`,
    headers: { Accept: accepted },
    accept: [404],
    action,
  });
  if (status === 404) return null;
  return { bytes: body, mediaType: String(headers['content-type'] ?? '').split(';')[0] ?? '', digest: digestOf(body) };
}

/** Null when it has it whole; else what is wrong with it, a few words. */
export async function headBlob(session: Session, { digest, size }: Descriptor): Promise<'missing' | 'wrong' | null> {
  const { status, headers } = await session.call({
    method: 'HEAD',
    to: `blobs/${digest}`,
    accept: [404],
    action: `ask for the blob ${digest}`,
  });
  if (status === 404) return 'missing';
  const length = headers['content-length'];
  const named = headers['docker-content-digest'];
  return (length !== undefined && Number(length) !== size) || (named !== undefined && named !== digest) ? 'wrong' : null;
}

/** Reads all of it, and no more than it should be. */
export async function hashBlob(session: Session, { digest, size }: Descriptor): Promise<'missing' | 'wrong' | null> {
  const request = { method: 'GET', to: `blobs/${digest}`, accept: [404], action: `read the blob ${digest} back` } as const;
  return session.stream(request, async (chunks, { response }) => {
    if (response.statusCode === 404) return 'missing';
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > size) return 'wrong';
      hash.update(chunk);
    }
    return `sha256:${hash.digest('hex')}` === digest ? null : 'wrong';
  });
}

/** A registry says what it calls what it was given. @throws FailedError `registry_digest` when that is something else. */
export function checkName(session: Session, action: string, { headers }: Pick<Answer, 'headers'>, digest: string): void {
  const named = headers['docker-content-digest'];
  if (named !== undefined && named !== digest) throw session.error({ action }, 'registry_digest', `it calls it ${String(named)}`);
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
