import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { RunnerDeps } from '../deps.ts';

/** The helper image for one run, made when something first asks for it, and the sweep of what helpers left when the run ends. */
export function openHelpers(
  runId: string,
  engine: Engine,
  deps: RunnerDeps,
  onLeft: (sentence: string) => void,
): AsyncDisposable & { image(): Promise<{ readonly reference: string }> } {
  let image: Promise<{ readonly reference: string }> | null = null;
  return {
    image: () => (image ??= deps.helperImage(engine)),
    async [Symbol.asyncDispose]() {
      if (image === null) return;
      try {
        const { failed } = await deps.sweep(engine, { isEnded: (ended) => ended === runId });
        for (const sentence of failed) onLeft(sentence);
      } catch (error) {
        // it ends by itself at its expiry, and the next start sweeps it
        if (!(error instanceof EngineError)) throw error;
      }
    },
  };
}
