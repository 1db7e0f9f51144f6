import { extract, type Header } from 'tar-stream';

export interface ArchiveEntry {
  readonly header: Header;
  /** Bytes, to be read to their end before the next entry; null for one that is no file. */
  readonly content: AsyncIterable<Uint8Array> | null;
}

/**
 * The entries of a tar, one after the other. Leaving early lets go of the stream: the engine holds a container's lock for as long as one of
 * its archives is read. Throws what the stream fails with, and for what is no tar.
 */
export async function* archiveEntries(tar: NodeJS.ReadableStream): AsyncGenerator<ArchiveEntry> {
  const entries = extract();
  tar.on('error', (error) => entries.destroy(error instanceof Error ? error : new Error(String(error))));
  // pipe alone does not say that it ended half-way
  tar.on('close', () => entries.end(null));
  tar.pipe(entries as unknown as NodeJS.WritableStream);
  try {
    for await (const entry of entries) {
      const { type } = entry.header;
      const isFile = type === 'file' || type === 'contiguous-file';
      yield { header: entry.header, content: isFile ? (entry as unknown as AsyncIterable<Uint8Array>) : null };
      entry.resume();
    }
  } finally {
    (tar as NodeJS.ReadableStream & { destroy?(): void }).destroy?.();
    entries.destroy();
  }
}

/** All of it, or null when it is larger than `maxBytes`. */
export async function contentOf(content: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
