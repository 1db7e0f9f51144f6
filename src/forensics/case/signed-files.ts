import { z } from 'zod';
import { exportOrder } from './artefacts.ts';
import type { CustodyEntry } from './custody-entry.ts';
import { fileName, type SignedFile, type Statement } from './statement.ts';

/** A file of the export that a signature covers. */
export interface ExportFile extends SignedFile {
  /** The archive holds it as a hard link to this one, whose content is the same. */
  readonly link: string | null;
}

const sealed = z.strictObject({
  files: z.array(
    z.strictObject({
      path: fileName,
      bytes: z.number().int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

/** What the custody log's last entry `sealed` names: the statement itself, and what was made after it. Null when there is none that can be read. */
export function sealedFiles(entries: readonly CustodyEntry[]): readonly SignedFile[] | null {
  const entry = entries.findLast(({ what }) => what === 'sealed');
  const parsed = sealed.safeParse(entry?.data);
  return parsed.success ? parsed.data.files : null;
}

/**
 * Every signed file in the order of the export. A blob of the OCI layout with the content of a file before it is a hard link to that one:
 * this follows from the signed hashes alone, so that there is one right archive.
 */
export function exportFiles(statement: Pick<Statement, 'files'>, later: readonly SignedFile[]): ExportFile[] {
  const byPath = new Map([...later, ...statement.files].map((file) => [file.path, file]));
  const first = new Map<string, string>();
  return exportOrder(byPath.keys()).flatMap((path) => {
    const file = byPath.get(path);
    if (file === undefined) return [];
    const blob = path.startsWith('oci/blobs/') && file.bytes > 0;
    const same = first.get(file.sha256);
    if (!blob && same === undefined) first.set(file.sha256, path);
    return [{ ...file, link: blob && same !== undefined ? same : null }];
  });
}
