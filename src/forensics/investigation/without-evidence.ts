import { instant } from '../../domain/clock.ts';
import type { PitwallError } from '../../domain/errors.ts';
import { type CoverageItem, captureSteps, type FreezeIo, type FreezeRequest, type FreezeResult, type Seal } from '../../domain/evidence.ts';
import type { FrozenContainer } from '../freeze/freeze-set.ts';
import type { FreezerDeps } from '../freezer-deps.ts';
import type { Disposed } from './dispose.ts';
import { heldOrNot, settled } from './settled.ts';

/** Nothing could be written: the disk is full, the key is not ours. The container is dealt with all the same, and it is said. */
export async function withoutEvidence(
  one: FrozenContainer,
  request: FreezeRequest,
  io: FreezeIo,
  deps: FreezerDeps,
  disposed: () => Promise<Disposed>,
  error: PitwallError,
): Promise<FreezeResult> {
  const { store, clock } = deps;
  const { result, failure } = await settled(disposed, one);
  one.change.close('done', result?.outcome ?? failure ?? '');
  store.evidence.update(one.evidenceId, { state: 'partial', coverage: 0, sealedAt: clock.now(), seal: 'unknown' });
  io.event('evidence', one.name, `there is none: ${error.message}`);
  const evidence = store.evidence.get(one.evidenceId);
  if (evidence === null) throw new Error(`case ${one.evidenceId} is not in the database that it was written to`);
  const missing = captureSteps.map(
    (step): CoverageItem => ({ step, state: 'missing', reason: error.message, share: 0, bytes: 0, startedAt: instant(clock.now()), ms: 0 }),
  );
  const seal: Seal = {
    state: 'unknown',
    reasons: ['no evidence could be written'],
    start: null,
    end: null,
    checkpointCpuNs: null,
    events: [],
  };
  return {
    evidence,
    folder: '',
    timeToFreeze: one.stopped.verifiedAt - request.receivedAt,
    frozenTime: result?.resumedAt == null ? null : result.resumedAt - one.stopped.verifiedAt,
    timeToEvidence: clock.monotonic() - request.receivedAt,
    downtime: result?.downtime ?? null,
    coverage: missing,
    seal,
    outcome: result?.outcome ?? heldOrNot(store.holds.get(one.evidenceId)),
    notes: result?.notes ?? [],
    failure: failure ?? `no evidence of ${one.name} could be written: ${error.message}`,
  };
}
