import { PitwallError } from '../../domain/errors.ts';
import type { Change } from '../../domain/journal.ts';
import type { RunContext } from '../../domain/kind.ts';
import { type Deliveries, forgetAll, restoreAll } from './deliveries.ts';
import type { Params } from './params.ts';
import type { OpenScope } from './scope.ts';
import type { Rotation, System } from './system.ts';

export interface Live {
  readonly context: Pick<RunContext<Params>, 'event' | 'residue'>;
  readonly system: Pick<System<Params['own']>, 'undoUnproven'>;
  readonly rotation: Pick<Rotation, 'rollback'>;
  readonly deliveries: Pick<Deliveries, 'data'>;
  readonly scope: OpenScope;
  readonly change: Change;
  /** Consumers may have the new one. */
  delivered: boolean;
}

/** As long as the runner gives an undo. */
const undoMs = 900_000;

/**
 * Puts a rotation back while its values are still known, for a system whose undo after a crash cannot be proven; others are the journal's handler's. Not under
 * the run's signal. What fails is told, and the change left to the handler, which does it again.
 */
export async function undoLive({ context, system, rotation, deliveries, scope, change, delivered }: Live): Promise<void> {
  if (system.undoUnproven !== true) return;
  try {
    scope.undoUnder(AbortSignal.timeout(undoMs));
    const left = [...(await rotation.rollback()), ...(await (delivered ? restoreAll : forgetAll)(deliveries.data, scope))];
    for (const sentence of left) context.residue(sentence);
    if (left.length > 0) return;
    const note = 'put back, and seen to be as before';
    change.close('undone', note);
    context.event('undo', null, `${change.record.target}: ${note}`);
  } catch (error) {
    if (!(error instanceof PitwallError)) throw error;
    context.event('undo', null, `${change.record.target}: ${error.message}; tried again from the journal`);
  }
}
