import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FailedError } from '../../domain/errors.ts';
import { names } from './case-path.ts';
import { type CustodyEntry, parseCustodyLine } from './custody-entry.ts';
import { openEnvelope } from './dsse.ts';
import { publicKeyOf } from './keys.ts';
import { sealedFiles } from './signed-files.ts';
import { parseStatement, type SignedFile, type Statement } from './statement.ts';

/** What the words of a case on disk say, taken as they are: whether they hold is asked by `verifyCase`. @throws FailedError `evidence_unsealed`. */
export async function readSigned(folder: string): Promise<{ statement: Statement; later: readonly SignedFile[]; entries: CustodyEntry[] }> {
  const unsealed = (why: string, cause?: unknown) =>
    new FailedError('evidence_unsealed', `the evidence in ${folder} is not sealed: ${why}`, { cause, hint: 'pitwall recover' });
  try {
    const opened = openEnvelope(
      await readFile(join(folder, names.statement)),
      publicKeyOf(await readFile(join(folder, names.key), 'utf8')).key,
    );
    const statement = 'payload' in opened ? parseStatement(opened.payload) : null;
    if (statement === null) throw unsealed(`${names.statement} cannot be read`);
    const entries = await readCustody(folder);
    const later = sealedFiles(entries);
    if (later === null) throw unsealed(`${names.custody} has no entry of the sealing`);
    return { statement, later, entries };
  } catch (error) {
    if (error instanceof FailedError) throw error;
    throw unsealed(error instanceof Error ? error.message : String(error), error);
  }
}

/** The entries that can be read; an unfinished or damaged line is left out. */
export async function readCustody(folder: string): Promise<CustodyEntry[]> {
  const text = await readFile(join(folder, names.custody), 'utf8');
  return text.split('\n').flatMap((line) => parseCustodyLine(line) ?? []);
}
