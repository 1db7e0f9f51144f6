import { EngineError, PitwallError } from '../../domain/errors.ts';
import type { Rotation } from './system.ts';

interface Undo {
  /** Whose undo it is, for its sentences. */
  readonly target: string;
  reopen(): Promise<Pick<Rotation, 'rollback' | 'withdraw'>>;
  /** The consumers get the old one back. A sentence for each thing that is left. */
  files(): Promise<readonly string[]>;
}

/**
 * The old one works before the consumers get it back, and the new one until they have. Where the servers cannot be asked, the files are put back all the same.
 * A sentence for each thing that is left. Throws when the engine is lost.
 */
export async function putBack({ target, reopen, files }: Undo): Promise<readonly string[]> {
  const opened: { rotation?: Pick<Rotation, 'rollback' | 'withdraw'> } = {};
  const servers = await said(target, async () => {
    opened.rotation = await reopen();
    return opened.rotation.rollback();
  });
  const left = [...servers, ...(await said(target, files))];
  if (left.length > 0) return left;
  return said(target, async () => (await opened.rotation?.withdraw?.()) ?? []);
}

/** What is known to go wrong, as a sentence. */
export async function said(target: string, work: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PitwallError) || (error instanceof EngineError && error.lost)) throw error;
    const hint = error.hint === undefined ? '' : ` (${error.hint})`;
    return [`${target}: the rotation could not be put back: ${error.message}${hint}; then run: pitwall recover`];
  }
}
