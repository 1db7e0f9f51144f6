import type { Clock } from '../domain/clock.ts';
import type { Engine } from '../domain/engine.ts';
import { DatabaseError, EngineError } from '../domain/errors.ts';
import type { ChangeHandler, ChangeRecord } from '../domain/journal.ts';
import type { Store } from '../store/store.ts';

export interface ReconcileDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly handlers: ReadonlyMap<string, ChangeHandler>;
  /** How long an engine that is away is waited for. Default 2 min. */
  readonly awayMs?: number;
  onChange?(change: ChangeRecord, note: string): void;
}

const defaultAwayMs = 120_000;
/** The longest that one undo may take: a container's own grace and the start of a slow service are within it. */
const undoMs = 900_000;
const retryEveryMs = 1_000;

/**
 * Finishes or undoes every open change of a run, each target's newest first, those that need the others' undo last, and reads back what came of it. Never takes the run's signal: an undo
 * is not interrupted. Returns what is left behind, a sentence each; such a change can be reconciled again by `pitwall recover`.
 *
 * @throws DatabaseError when what came of it could not be written; every change was tried all the same.
 */
export async function reconcileRun(runId: string, engine: Engine, deps: ReconcileDeps): Promise<string[]> {
  const residue: string[] = [];
  const unwritten: unknown[] = [];
  const changes = unsettled(deps.store, runId);
  const later = (change: ChangeRecord) => deps.handlers.get(change.kind)?.afterOthers === true;
  for (const stage of [changes.filter((change) => !later(change)), changes.filter(later)]) {
    // targets side by side: one that is slow to become healthy must not use up the others' time
    await Promise.all(
      byTarget(stage).map(async (ofOne) => {
        for (const change of ofOne) {
          try {
            residue.push(...(await reconcile(change, engine, deps)));
          } catch (error) {
            // a full disk must not keep the other targets from being put back
            unwritten.push(error);
          }
        }
      }),
    );
  }
  if (unwritten.length > 0) throw unwritten[0];
  return residue;
}

function byTarget(changes: readonly ChangeRecord[]): ChangeRecord[][] {
  const found = new Map<string, ChangeRecord[]>();
  for (const change of changes) found.set(change.target, [...(found.get(change.target) ?? []), change]);
  return [...found.values()];
}

/** Changes that are open, or that an earlier try could not settle; newest first. */
export function unsettled({ journal }: Pick<Store, 'journal'>, runId?: string): ChangeRecord[] {
  return [...journal.openChanges({ runId }), ...journal.residueChanges({ runId })].sort((a, b) => b.id - a.id);
}

async function reconcile(change: ChangeRecord, engine: Engine, deps: ReconcileDeps): Promise<string[]> {
  const handler = deps.handlers.get(change.kind);
  if (handler === undefined) {
    return leave(
      change,
      [`${change.target}: this version of Pitwall cannot undo a change of kind ${change.kind}; use the version that made it`],
      deps,
    );
  }
  const deadline = AbortSignal.timeout(undoMs);
  try {
    const result = await untilAnswered(
      () => handler.reconcile(change, { engine, clock: deps.clock, signal: deadline }),
      deps.awayMs ?? defaultAwayMs,
      deps.clock,
    );
    if (result.state === 'residue') return leave(change, result.residue, deps);
    deps.store.journal.close(change.id, result.state, result.note);
    deps.onChange?.(change, result.note);
    return [];
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return leave(change, [`${change.target}: could not be put back (${message}); when the cause is gone run: pitwall recover`], deps);
  }
}

function leave(change: ChangeRecord, sentences: readonly string[], deps: ReconcileDeps): string[] {
  deps.store.journal.close(change.id, 'residue', sentences.join('; '));
  deps.onChange?.(change, sentences.join('; '));
  return [...sentences];
}

/** An engine that restarts is asked again, until it has been away for too long. */
async function untilAnswered<T>(ask: () => Promise<T>, awayMs: number, clock: Clock): Promise<T> {
  let awaySince: number | null = null;
  for (;;) {
    const asked = clock.monotonic();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof EngineError && error.lost)) throw error;
      awaySince ??= asked;
      if (clock.monotonic() - awaySince > awayMs) throw error;
      await clock.sleep(retryEveryMs);
    }
  }
}
