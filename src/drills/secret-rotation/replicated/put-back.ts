import { EngineError, FailedError } from '../../../domain/errors.ts';
import type { Hold } from './hold.ts';
import { dropBackup, type KeptFile, restoreKept, whereOf } from './kept-file.ts';

const again = 'when the cause is gone run: pitwall recover';

/**
 * Puts every file back from its backup. `took` is then told which were, has the servers take them, and returns what it could not prove; it is asked again in the
 * next recovery, as the backups go only when nothing is left.
 */
export async function putBack(
  files: readonly KeptFile[],
  held: Hold,
  took: (restored: readonly KeptFile[]) => Promise<readonly string[]>,
): Promise<string[]> {
  const left: string[] = [];
  const restored: KeptFile[] = [];
  try {
    for (const file of files)
      await saying(left, file, async () => {
        const was = await restoreKept(file, held.scope);
        if (was.restored) restored.push(file);
        if (!was.same) left.push(`${whereOf(file)} is not what it was before the run: somebody else replaced it`);
      });
    if (restored.length > 0) await saying(left, null, async () => void left.push(...(await took(restored))));
    if (left.length === 0) left.push(...(await dropAll(restored, held)));
    return left;
  } finally {
    await held.letGo();
  }
}

/** The backups go. What could not be removed, a sentence each. */
export async function dropBackups(files: readonly KeptFile[], held: Hold): Promise<string[]> {
  try {
    return await dropAll(files, held);
  } finally {
    await held.letGo();
  }
}

async function dropAll(files: readonly KeptFile[], held: Hold): Promise<string[]> {
  const left: string[] = [];
  for (const file of files)
    await saying(left, file, async () => {
      for (const name of await dropBackup(file, held.scope)) left.push(`${name} was left beside ${whereOf(file)}: remove it`);
    });
  return left;
}

/** A failure becomes a sentence; a lost engine stays an error, so that all is tried again. */
async function saying(left: string[], file: KeptFile | null, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof FailedError || error instanceof EngineError) || (error instanceof EngineError && error.lost)) throw error;
    // what lay in a container that was removed needs no undo
    if (file !== null && file.delivery.secret.source === null && error.code === 'target_gone') return;
    left.push(`${error.message}; ${again}`);
  }
}
