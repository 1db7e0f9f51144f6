import { type Descriptor, hexOf, type Index, mediaTypes } from './media.ts';
import { getManifest } from './remote.ts';
import type { Session } from './session.ts';

/** How often the list is written again when somebody else wrote it in between. */
const attempts = 4;

/**
 * Makes a referrer findable from its subject. A registry with the referrers API does it itself; for the others an index is kept at the tag
 * `sha256-<hex>` of the subject: read, added to, written, and read again, as two may write at once and the last one wins.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#unavailable-referrers-api
 */
export async function listReferrer(session: Session, subject: string, referrer: Descriptor): Promise<'api' | 'tag'> {
  if (await hasApi(session, subject)) return 'api';
  const tag = `sha256-${hexOf(subject)}`;
  for (let tries = 0; tries < attempts; tries += 1) {
    const listed = await referrersAt(session, tag);
    if (listed.some(({ digest }) => digest === referrer.digest)) return 'tag';
    const manifests = [...listed, referrer].sort((a, b) => (a.digest < b.digest ? -1 : 1));
    const index: Index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
    await session.call({
      method: 'PUT',
      to: `manifests/${tag}`,
      headers: { 'Content-Type': mediaTypes.index },
      body: Buffer.from(JSON.stringify(index)),
      action: `list the statement at the tag ${tag}`,
    });
  }
  if ((await referrersAt(session, tag)).some(({ digest }) => digest === referrer.digest)) return 'tag';
  throw session.error({ action: `list the statement at the tag ${tag}` }, 'registry_refused', 'it is not there when it is read back');
}

/** The digests of what refers to a subject. */
export async function referrersOf(session: Session, subject: string): Promise<readonly string[]> {
  const answer = await askApi(session, subject);
  const listed = answer ?? (await referrersAt(session, `sha256-${hexOf(subject)}`));
  return listed.map(({ digest }) => digest);
}

async function hasApi(session: Session, subject: string): Promise<boolean> {
  return (await askApi(session, subject)) !== null;
}

async function askApi(session: Session, subject: string): Promise<readonly Descriptor[] | null> {
  // Registries of before say 404, and some that they do not know the method or the path.
  const accept = [400, 404, 405];
  const { status, headers, body } = await session.call({
    method: 'GET',
    to: `referrers/${subject}`,
    headers: { Accept: mediaTypes.index },
    accept,
    action: `ask what refers to ${subject}`,
  });
  // A page of a front end, say, is no list.
  return accept.includes(status) || !String(headers['content-type']).startsWith(mediaTypes.index) ? null : manifestsIn(body);
}

async function referrersAt(session: Session, tag: string): Promise<readonly Descriptor[]> {
  const found = await getManifest(session, tag);
  if (found === null) return [];
  const listed = found.mediaType === mediaTypes.index ? manifestsIn(found.bytes) : null;
  if (listed === null)
    throw session.error({ action: `list the statement at the tag ${tag}` }, 'registry_refused', 'something else is at that tag');
  return listed;
}

function manifestsIn(bytes: Buffer): readonly Descriptor[] | null {
  try {
    const { manifests } = JSON.parse(bytes.toString()) as Partial<Index>;
    return Array.isArray(manifests) ? manifests : null;
  } catch {
    return null;
  }
}
