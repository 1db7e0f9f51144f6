import type { Engine } from '../../../domain/engine.ts';
import { EngineError, FailedError } from '../../../domain/errors.ts';
import type { SystemScope } from '../system.ts';
import { dropCopy, type KeptFile, restoreKept } from './kept-file.ts';

/**
 * Puts every file back from its copy. `took` is then told which were, has the servers take them, and returns what it could not prove; it is asked again in the
 * next recovery, as the copies go only when nothing is left. Never under the run's signal.
 */
export async function putBack(
  files: readonly KeptFile[],
  mark: string,
  scope: Pick<SystemScope, 'engine'>,
  took: (restored: readonly KeptFile[]) => Promise<readonly string[]>,
): Promise<string[]> {
  const { engine } = scope;
  const left: string[] = [];
  const restored: KeptFile[] = [];
  const there = await Promise.all(files.map((file) => present(engine, file)));
  for (const file of there) {
    await saying(left, `${advice(file, mark)}`, async () => {
      const was = await restoreKept(engine, file, mark);
      if (was.restored) restored.push(file);
      if (!was.same)
        left.push(
          `${file.path} in ${file.container} is not what it was before the run: ${was.restored ? 'put it back by hand' : 'somebody else replaced it'}`,
        );
    });
  }
  await saying(left, 'then run pitwall recover', async () => {
    if (restored.length > 0) left.push(...(await took(restored)));
  });
  if (left.length === 0) left.push(...(await dropCopies(restored, mark, scope)));
  return left;
}

/** What could not be removed, a sentence each. */
export async function dropCopies(files: readonly KeptFile[], mark: string, scope: Pick<SystemScope, 'engine'>): Promise<string[]> {
  const left: string[] = [];
  for (const file of files) await saying(left, advice(file, mark), () => dropCopy(scope.engine, file, mark));
  return left;
}

function advice(file: KeptFile, mark: string): string {
  return `what was there before lies beside it as ${file.path}.${mark}; start ${file.container} and run pitwall recover`;
}

/** A failure becomes a sentence; a lost engine stays an error, so that all is tried again. */
async function saying(left: string[], hint: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof EngineError && error.lost) throw error;
    if (!(error instanceof FailedError || error instanceof EngineError)) throw error;
    left.push(`${error.message}: ${hint}`);
  }
}

/** Where the container was made anew under its name, that one: its volumes may have the copy. */
async function present(engine: Engine, file: KeptFile): Promise<KeptFile> {
  for (const reference of [file.id, file.container]) {
    try {
      return { ...file, id: (await engine.inspect(reference)).Id };
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'not_found')) throw error;
    }
  }
  return file;
}
