import { setMaxListeners } from 'node:events';

/** Why a run was ended before its work was done. */
export type AbortCause = 'signal' | 'halt' | 'request' | 'availability' | 'timeout' | 'database';

/** The reason of the run's AbortSignal. Not a failure by itself: the verdict is `aborted` when all was put back. */
export class Aborted extends Error {
  override readonly cause: AbortCause;
  constructor(cause: AbortCause, message: string) {
    super(message);
    this.name = 'Aborted';
    this.cause = cause;
  }
}

export interface Aborter {
  readonly signal: AbortSignal;
  /** The first cause wins. */
  abort(cause: AbortCause, message: string): void;
  readonly reason: Aborted | null;
}

export function createAborter(outer: AbortSignal | undefined): Aborter & Disposable {
  const controller = new AbortController();
  // every call to the engine that is under way listens to it
  setMaxListeners(0, controller.signal);
  const abort = (cause: AbortCause, message: string) => {
    if (!controller.signal.aborted) controller.abort(new Aborted(cause, message));
  };
  const forward = () => {
    const reason: unknown = outer?.reason;
    if (reason instanceof Aborted) abort(reason.cause, reason.message);
    else abort('signal', reason instanceof Error ? reason.message : 'stopped');
  };
  if (outer?.aborted) forward();
  else outer?.addEventListener('abort', forward, { once: true });
  return {
    signal: controller.signal,
    abort,
    get reason() {
      return controller.signal.aborted ? (controller.signal.reason as Aborted) : null;
    },
    [Symbol.dispose]: () => outer?.removeEventListener('abort', forward),
  };
}
