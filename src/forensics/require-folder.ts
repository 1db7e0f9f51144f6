import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FailedError } from '../domain/errors.ts';

/** Of a case that no byte could be written of there is only what the database knows. @throws FailedError `evidence_missing`. */
export function requireFolder(root: string, id: string): string {
  const folder = join(root, id);
  if (!existsSync(folder)) {
    throw new FailedError('evidence_missing', `nothing of ${id} is in ${root}: it could not be written, or somebody removed it`);
  }
  return folder;
}
