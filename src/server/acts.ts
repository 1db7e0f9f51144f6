/**
 * What callers do, each act checked against the scope of who does it. The API's routes and the dashboard's forms come through here, so that
 * neither can do what the other refuses.
 */
import { refuseOutOfScope } from '../access/scope.ts';
import type { Caller } from '../access/tokens.ts';
import { RefusedError } from '../domain/errors.ts';
import type { FreezeOrder, Hold } from '../domain/evidence.ts';
import type { RunRecord } from '../domain/words.ts';
import type { Freezes, ServerDeps, StartRunOptions } from './deps.ts';

export interface Acts {
  /** Throws RefusedError `halted`, `out_of_scope`, and what starting throws. */
  run(drillName: string, caller: Caller, options?: Pick<StartRunOptions, 'seed' | 'replay'>): Promise<{ readonly id: string }>;
  /** @param id whole, of a run that is known. Throws RefusedError `run_ended`, `out_of_scope`. */
  abort(id: string, caller: Caller): void;
  freeze(order: FreezeOrder, caller: Caller): Promise<{ readonly id: string }>;
  /** @param id whole. Throws RefusedError `not_held`, `out_of_scope`. */
  release(id: string, to: Parameters<Freezes['release']>[1], caller: Caller): Promise<{ readonly outcome: string }>;
  /** The deadline becomes `ms` from now. Throws as `release` does. */
  lease(id: string, ms: number, caller: Caller): Promise<Hold>;
}

type ActDeps = Pick<ServerDeps, 'startRun' | 'freezes'> & { readonly store: Pick<ServerDeps['store'], 'runs' | 'control' | 'evidence'> };

export function createActs({ store, startRun, freezes }: ActDeps): Acts {
  return {
    async run(drillName, { name, scope }, { seed, replay } = {}) {
      const halt = store.control.halted();
      if (halt !== null)
        throw new RefusedError('halted', `halted by ${halt.by}: ${halt.reason}`, { hint: 'POST /api/v1/unhalt, or pitwall unhalt' });
      return startRun(drillName, { actor: name, seed, replay, trigger: 'api', scope });
    },
    abort(id, { name, scope }) {
      const run = store.runs.record(id);
      refuseOutOfScope(scope, run === null ? [] : thingsOf(run));
      if (!store.runs.requestAbort(id, name)) {
        throw new RefusedError('run_ended', `run ${id} has ended already`, { hint: `GET /api/v1/runs/${id} has its verdict` });
      }
    },
    freeze: (order, { name, scope }) => freezes.start(order, { actor: name, trigger: 'api', scope }),
    release: async (id, to, caller) => freezes.release(held(id, caller), to, caller.name),
    lease: async (id, ms, caller) => freezes.lease(held(id, caller), ms, caller.name),
  };

  function held(id: string, { scope }: Caller): string {
    const found = store.evidence.get(id);
    const drill = found === null ? null : (store.runs.record(found.runId)?.drill ?? null);
    refuseOutOfScope(scope, found === null ? [] : { drill, engine: found.engine, container: found.container.name });
    if (found === null || found.hold === null || found.hold.state === 'released') {
      throw new RefusedError('not_held', `evidence ${id} holds no container any more: ${found?.hold?.ending ?? 'it was never frozen'}`, {
        hint: 'GET /api/v1/freezes lists those that are held',
      });
    }
    return found.id;
  }
}

/** Each container of a run; before they are known, what is known of the run. */
function thingsOf({ drill, engine, targets }: Pick<RunRecord, 'drill' | 'engine' | 'targets'>) {
  const run = { drill, engine: engine.name };
  return targets.length === 0 ? [run] : targets.map(({ name }) => ({ ...run, container: name }));
}
