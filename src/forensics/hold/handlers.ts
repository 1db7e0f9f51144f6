import type { Clock } from '../../domain/clock.ts';
import type { Engine } from '../../domain/engine.ts';
import { FailedError, RefusedError } from '../../domain/errors.ts';
import type { ChangeHandler, ChangeRecord, Reconciled } from '../../domain/journal.ts';
import type { Store } from '../../store/store.ts';
import { heldOf } from './held.ts';
import type { Held, HoldContext } from './io.ts';
import { settleReplace } from './replace/settle.ts';
import { settleFreeze } from './settle-freeze.ts';
import { settleKill } from './settle-kill.ts';
import { settleQuarantine } from './settle-quarantine.ts';
import { settleResume } from './settle-resume.ts';

export interface HoldHandlerDeps {
  readonly store: Pick<Store, 'holds' | 'evidence' | 'instanceId'>;
  readonly clock: Clock;
  /** Reference of the helper image on this engine. */
  helperImage(engine: Engine): Promise<string>;
  /** Seals what was captured before the process was gone, as partial. */
  salvage(evidenceId: string): Promise<void>;
  /** (Default: `/proc`.) */
  readonly proc?: string | undefined;
}

type Settle = (held: Held, change: ChangeRecord, context: HoldContext) => Promise<Reconciled>;

const settlers: Readonly<Record<string, Settle>> = {
  freeze: settleFreeze,
  quarantine: settleQuarantine,
  replace: settleReplace,
  resume: settleResume,
  'safe-kill': settleKill,
};

/** Finish or undo what became of a frozen container when the process that did it is gone. */
export function holdHandlers(deps: HoldHandlerDeps): ChangeHandler[] {
  return Object.entries(settlers).map(([kind, settle]) => ({
    kind,
    async reconcile(change, { engine, clock, signal }) {
      const held = heldOf(change.data);
      const unsealed = await salvaged(held, deps);
      const context = { engine, clock, signal, runId: change.runId, store: deps.store, helperImage: deps.helperImage, proc: deps.proc };
      const settled = await settling(held, () => settle(held, change, context));
      if (unsealed === null) return settled;
      return { state: 'residue', residue: [...(settled.state === 'residue' ? settled.residue : []), unsealed] };
    },
  }));
}

/** Evidence is safe before its container is let go; that it could not be is no reason to leave the container as it is. */
async function salvaged(held: Held, { store, salvage }: HoldHandlerDeps): Promise<string | null> {
  if (store.evidence.get(held.evidenceId)?.state !== 'capturing') return null;
  try {
    await salvage(held.evidenceId);
    return null;
  } catch (error) {
    return `${held.containerName}: what was captured of it (${held.evidenceId}) could not be sealed: ${(error as Error).message}; run: pitwall recover`;
  }
}

async function settling(held: Held, settle: () => Promise<Reconciled>): Promise<Reconciled> {
  try {
    return await settle();
  } catch (error) {
    if (!(error instanceof FailedError) && !(error instanceof RefusedError)) throw error;
    return { state: 'residue', residue: [`${error.message} (${held.evidenceId}); when the cause is gone run: pitwall recover`] };
  }
}
