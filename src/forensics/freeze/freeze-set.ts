import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import type { FreezeIo, FreezeOutcome, FreezeRequest } from '../../domain/evidence.ts';
import type { Change } from '../../domain/journal.ts';
import { labels } from '../../domain/target.ts';
import type { FreezerDeps } from '../freezer-deps.ts';
import { isOrdinary } from '../ordinary.ts';
import { restarting, type Stopped, stopDead } from './stop.ts';

/** ms in which an engine does not see more events than it remembers, which are 256. */
const rememberedMs = 100;

/** A container that is frozen, with its rows. */
export interface FrozenContainer {
  readonly evidenceId: string;
  readonly name: string;
  /** As it was before. */
  readonly before: ContainerInspect;
  readonly stopped: Stopped;
  readonly change: Change;
}

export interface FrozenSet {
  readonly frozen: readonly FrozenContainer[];
  readonly notFrozen: FreezeOutcome['notFrozen'];
}

interface Opened {
  readonly evidenceId: string;
  readonly before: ContainerInspect;
  readonly change: Change;
}

/**
 * Freezes all of a set at once. The case, the hold with its lease and the journal's entry of each are durable before the first pause: whatever
 * becomes of this process, somebody answers for what is frozen.
 */
export async function freezeSet(request: FreezeRequest, io: FreezeIo, deps: FreezerDeps, onPausing: () => void): Promise<FrozenSet> {
  const { store, clock } = deps;
  const engineId = (await io.engine.info()).id;
  const inspects = await Promise.all(request.containers.map(async ({ id, inspect }) => inspect ?? (await io.engine.inspect(id))));
  const standing = inspects.filter((inspect) => whyNot(inspect) === null);
  const notFrozen = inspects.flatMap((inspect) => {
    const reason = whyNot(inspect);
    return reason === null ? [] : [{ id: inspect.Id, name: nameOf(inspect), reason }];
  });
  const opened = store.atOnce(() => {
    io.begin?.();
    const all = standing.map((before) => open(before, engineId, request, io, deps));
    const cases = store.evidence.list({ runId: io.runId }).map(({ id }) => id);
    store.runs.setEvidence(io.runId, cases.toReversed());
    return all;
  });
  const stopping = opened.map(({ before }) => stopDead(io.engine, before, clock));
  // the engine works on the pause first; what it tells of meanwhile it remembers, unless it takes so long that it may forget
  const late = setTimeout(onPausing, rememberedMs);
  const results = await Promise.allSettled(stopping);
  clearTimeout(late);
  onPausing();
  const frozen: FrozenContainer[] = [];
  const failures: unknown[] = [];
  store.atOnce(() => {
    for (const [i, one] of opened.entries()) {
      const result = results[i];
      if (result?.status === 'fulfilled') {
        const { at, foreign } = result.value;
        store.evidence.update(one.evidenceId, { frozenAt: at });
        store.holds.update(one.evidenceId, { state: 'held' });
        one.change.step('frozen', { foreign });
        frozen.push({ ...one, name: nameOf(one.before), stopped: result.value });
      } else if (result !== undefined) {
        const error: unknown = result.reason;
        failures.push(error);
        giveUp(one, error, deps);
        notFrozen.push({
          id: one.before.Id,
          name: nameOf(one.before),
          reason: messageOf(error).replace(`${nameOf(one.before)} is not frozen: `, ''),
        });
      }
    }
  });
  const grave = failures.find((error) => !isOrdinary(error));
  if (grave !== undefined && frozen.length === 0) throw grave;
  if (frozen.length > 0) return { frozen, notFrozen };
  const lost = failures.find((error) => error instanceof EngineError);
  if (lost !== undefined) throw lost;
  throw new FailedError('not_frozen', notFrozen.map(({ name, reason }) => `${name} was not frozen: ${reason}`).join('; '));
}

/** Why it cannot be frozen; null when it can. */
function whyNot({ State: state }: ContainerInspect): string | null {
  if (state.Dead) return 'it is being removed';
  if (state.Restarting) return restarting;
  return state.Running ? null : `it is not running (${state.Status})`;
}

function open(before: ContainerInspect, engineId: string, request: FreezeRequest, io: FreezeIo, deps: FreezerDeps): Opened {
  const { store, clock } = deps;
  const name = nameOf(before);
  const all = before.Config.Labels ?? {};
  const foreign = before.State.Paused;
  const evidenceId = `ev_${deps.newId()}`;
  const container = {
    id: before.Id,
    name,
    service: all[labels.composeService] ?? null,
    image: before.Config.Image,
    imageId: before.Image,
    labels: all,
  };
  const { reason, disposition, memory } = request;
  store.evidence.open({
    id: evidenceId,
    runId: io.runId,
    engine: io.engine.name,
    engineId,
    container,
    reason,
    actor: io.actor,
    trigger: io.trigger,
    disposition,
    memory,
    requestedAt: clock.now(),
  });
  store.holds.open({
    evidenceId,
    engine: io.engine.name,
    engineId,
    containerId: before.Id,
    containerName: name,
    foreign,
    deadline: clock.now() + request.leaseMs,
    onExpiry: request.onExpiry,
  });
  const change = io.journal.open({
    kind: 'freeze',
    target: name,
    data: { evidenceId, containerId: before.Id, containerName: name, disposition, foreign },
  });
  return { evidenceId, before, change };
}

/** Only what was read back is known not to be frozen. Otherwise it may be, or become so: the change stays open, and is reconciled. */
function giveUp({ evidenceId, change }: Opened, error: unknown, { store, clock }: FreezerDeps): void {
  if (!(error instanceof FailedError)) return;
  change.close('undone', messageOf(error));
  store.holds.release(evidenceId, 'never frozen');
  store.evidence.update(evidenceId, { state: 'pruned', prunedAt: clock.now() });
}

function nameOf(inspect: ContainerInspect): string {
  return inspect.Name.replace(/^\//, '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
