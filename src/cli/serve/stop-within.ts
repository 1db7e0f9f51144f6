import type { Logger } from 'pino';
import { formatDuration } from '../../domain/duration.ts';
import { exitCodes } from '../../domain/errors.ts';
import type { Store } from '../../store/store.ts';

/**
 * Ends the process when stopping takes longer than it may, with exit code 5: an undo that hangs must not leave it to a service manager to
 * kill us unsaid. Nothing is lost by it that a SIGKILL would not lose: what is open stays in the journal, for the next start.
 */
export function stopWithin(
  ms: number,
  { signal, store, log }: { readonly signal: AbortSignal; readonly store: () => Promise<Store>; readonly log: Logger },
): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const giveUp = async () => {
    try {
      const opened = await store();
      for (const { target, runId, kind } of opened.journal.openChanges())
        log.error({ run: runId, target, kind }, 'not put back yet: the journal has it, and the next start or `pitwall recover` settles it');
    } catch (error) {
      log.error({ err: error }, 'the journal could not be read');
    }
    log.fatal(`stopping took longer than stop.within (${formatDuration(ms)})`);
    process.exit(exitCodes.residue);
  };
  const start = () => {
    timer = setTimeout(() => void giveUp(), Math.min(ms, 2 ** 31 - 1));
  };
  if (signal.aborted) start();
  else signal.addEventListener('abort', start, { once: true });
  return {
    [Symbol.dispose]() {
      signal.removeEventListener('abort', start);
      clearTimeout(timer);
    },
  };
}
