import { z } from 'zod';
import type { ChangeData } from '../../../domain/journal.ts';
import type { KeptFile } from './kept-file.ts';

/** What is written in the journal of files that are replaced. */
export interface Journalled {
  readonly mark: string;
  readonly files: readonly KeptFile[];
}

const file = z.object({ id: z.string(), container: z.string(), path: z.string(), digest: z.string() });
const schema = z.object({ mark: z.string(), files: z.array(file) });

export function toJournal({ mark, files }: Journalled): ChangeData {
  return { mark, files: files.map((one) => ({ ...one })) };
}

export function fromJournal(data: ChangeData): Journalled {
  return schema.parse(data);
}
