import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { FailedError } from '../../domain/errors.ts';
import { hashFile } from './blobs.ts';
import { type Descriptor, hexOf } from './media.ts';
import { isDropped } from './registry-failures.ts';
import { checkName, headBlob } from './remote.ts';
import type { Answer, Session } from './session.ts';

/** Bytes up to which a blob goes in one request. */
const small = 4 * 1024 * 1024;

export interface UploadOptions {
  readonly signal: AbortSignal;
  /** As bytes are read to be sent; after a lost connection they count again. */
  onSent(bytes: number): void;
}

/**
 * Stores a blob in the repository unless it is there. Large ones are sent as a stream. When the connection is lost it is begun anew, once.
 * @throws FailedError; `evidence_altered` when the file is not what its digest says.
 */
export async function uploadBlob(session: Session, blob: Descriptor, file: string, options: UploadOptions): Promise<'sent' | 'there'> {
  if ((await headBlob(session, blob)) === null) return 'there';
  const action = `store the blob ${blob.digest}`;
  const found = await stat(file).catch(() => null);
  if (found?.size !== blob.size) throw altered(file, blob, found === null ? 'is gone' : `is of ${found.size} bytes and not ${blob.size}`);
  try {
    await sendBlob(session, blob, file, action, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof FailedError && error.code === 'registry_digest') await blameFile(blob, file, options.signal);
    if (!mayBeAgain(error)) throw error;
    // The answer may be what was lost.
    if ((await headBlob(session, blob)) !== null) await sendBlob(session, blob, file, action, options);
  }
  return 'sent';
}

/** The connection was lost, or the upload that was begun is not known any more. */
function mayBeAgain(error: unknown): boolean {
  return error instanceof FailedError && (isDropped(error.cause) || error.context.status === 404);
}

async function sendBlob(session: Session, blob: Descriptor, file: string, action: string, { onSent }: UploadOptions): Promise<void> {
  const begun = await session.call({ method: 'POST', to: 'blobs/uploads/', action });
  const headers = { 'Content-Type': 'application/octet-stream' };
  let place = placeIn(session, begun, action);
  let body = Buffer.alloc(0);
  if (blob.size <= small) {
    body = await readFile(file);
    onSent(body.length);
  } else {
    const open = () => createReadStream(file, { highWaterMark: 1_048_576 });
    const sent = await session.call({ method: 'PATCH', to: place, headers, body: { size: blob.size, open, onSent }, action, patience: 5 });
    place = placeIn(session, sent, action);
  }
  place.searchParams.set('digest', blob.digest);
  const done = await session.call({ method: 'PUT', to: place, headers, body, action, patience: 5 });
  checkName(session, action, done, blob.digest);
}

/** Where an upload goes on. */
function placeIn(session: Session, { headers, url }: Answer, action: string): URL {
  const { location } = headers;
  if (location === undefined || !URL.canParse(location, url.href))
    throw session.error({ action }, 'registry_refused', 'it does not say where to');
  return new URL(location, url);
}

/** A digest that does not fit may be the registry's doing or ours. */
async function blameFile(blob: Descriptor, file: string, signal: AbortSignal): Promise<void> {
  const found = await hashFile(file, signal);
  if (found === hexOf(blob.digest)) return;
  throw altered(file, blob, 'no longer hashes to its name');
}

function altered(file: string, { digest }: Descriptor, how: string): FailedError {
  return new FailedError('evidence_altered', `${file} ${how}`, {
    hint: 'pitwall evidence verify says what else was changed',
    context: { file, digest },
  });
}
