import { z } from 'zod';
import type { ChangeData } from '../../../domain/journal.ts';
import { type KeptFile, keptFile } from './kept-file.ts';

const schema = z.object({ files: z.array(keptFile) });

/** What is written in the journal of files that are replaced. */
export function toJournal(files: readonly KeptFile[]): ChangeData {
  return JSON.parse(JSON.stringify({ files })) as ChangeData;
}

export function fromJournal(data: ChangeData): KeptFile[] {
  return schema.parse(data).files;
}
