import type { ChangeHandler } from './domain/journal.ts';
import type { DrillKind } from './domain/kind.ts';
import { reverseUptime } from './drills/reverse-uptime/index.ts';

/** The kinds of drill that this version of Pitwall has. */
export const kinds: ReadonlyMap<string, DrillKind<unknown>> = new Map([[reverseUptime.name, reverseUptime as DrillKind<unknown>]]);

/** What can undo, or finish, each kind of change in the journal. Loaded when something is run or recovered. */
export async function changeHandlers(holding: readonly ChangeHandler[]): Promise<ReadonlyMap<string, ChangeHandler>> {
  const [{ recreateHandler }, { restartHandler }] = await Promise.all([
    import('./container/recreate-handler.ts'),
    import('./container/restart-handler.ts'),
  ]);
  return new Map([recreateHandler, restartHandler, ...holding].map((handler) => [handler.kind, handler]));
}
