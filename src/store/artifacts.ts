import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ArtifactRecord } from '../domain/words.ts';
import type { Db } from './db.ts';

/** Smaller contents gain nothing from being compressed. */
const gzipAbove = 4096;

export interface Artifact extends ArtifactRecord {
  readonly content: Buffer;
}

/** One of the same name is replaced. */
export function saveArtifact(db: Db, run: number, name: string, mediaType: string, content: Buffer | string): ArtifactRecord {
  const plain = typeof content === 'string' ? Buffer.from(content) : content;
  const record = { name, mediaType, sha256: createHash('sha256').update(plain).digest('hex'), bytes: plain.length };
  const gzip = plain.length > gzipAbove;
  db.run(
    `INSERT INTO artifacts (run, name, media_type, sha256, bytes, encoding, content) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (run, name) DO UPDATE SET media_type = excluded.media_type, sha256 = excluded.sha256, bytes = excluded.bytes,
       encoding = excluded.encoding, content = excluded.content`,
    run,
    name,
    mediaType,
    record.sha256,
    record.bytes,
    gzip ? 'gzip' : 'identity',
    gzip ? gzipSync(plain) : plain,
  );
  return record;
}

export function readArtifact(db: Db, run: number, name: string): Artifact | null {
  const row = db.get<ArtifactRecord & { readonly encoding: string; readonly content: Buffer }>(
    'SELECT name, media_type AS mediaType, sha256, bytes, encoding, content FROM artifacts WHERE run = ? AND name = ?',
    run,
    name,
  );
  if (row === undefined) return null;
  const { encoding, content, ...record } = row;
  return { ...record, content: encoding === 'gzip' ? gunzipSync(content) : content };
}
