import { inspectIfThere } from '../../container/look.ts';
import { FailedError, RefusedError } from '../../domain/errors.ts';
import type { Hold } from '../../domain/evidence.ts';
import type { Store } from '../../store/store.ts';
import { leftPaused } from './endings.ts';
import { type FoundHold, findHold } from './find-hold.ts';
import { heldFrom } from './held.ts';
import type { HoldIo } from './io.ts';
import { keptOf } from './kept.ts';
import { letGo } from './let-go.ts';
import { quarantine } from './quarantine.ts';
import { replace } from './replace/replace.ts';
import { safeKill } from './safe-kill.ts';
import { brokenSeal } from './seal-broken.ts';

export const releases = ['resume', 'kill', 'quarantine', 'replace'] as const;
export type ReleaseTo = (typeof releases)[number];

export interface ReleaseIo extends HoldIo {
  readonly store: HoldIo['store'] & Pick<Store, 'journal'>;
  readonly processId: number;
  steadyStateHolds?(): Promise<boolean>;
}

export interface Released {
  /** As it is afterwards: `quarantine` and `replace` leave it frozen and held. */
  readonly hold: Hold;
  /** What became of it, in a few words. */
  readonly outcome: string;
  readonly notes: readonly string[];
  /** ms from the freeze until the replacement was healthy; null for the others. */
  readonly downtimeMs: number | null;
}

/**
 * Moves a held container on. `io.engine` is the one that it is on (see `findHold`). `reason` ends up in the hold's ending: `the lease
 * expired`. Throws InvalidError for a reference that means nothing, RefusedError when it is released, busy, somebody else's or replaced,
 * FailedError when it could not be done: it is frozen and held then.
 */
export async function release(reference: string, to: ReleaseTo, io: ReleaseIo, reason?: string): Promise<Released> {
  const found = findHold(io.store, reference);
  const { evidenceId } = found.hold;
  if (!io.store.holds.claim(evidenceId, io.processId)) throw busy(found, 'another process is releasing it');
  try {
    // read again: it may have been moved on before it was claimed
    return await moveOn(findHold(io.store, evidenceId), to, io, reason);
  } finally {
    io.store.holds.unclaim(evidenceId);
  }
}

async function moveOn(found: FoundHold, to: ReleaseTo, io: ReleaseIo, reason: string | undefined): Promise<Released> {
  const { store, engine } = io;
  const { hold, evidence } = found;
  const held = heldFrom(hold, evidence);
  if (hasOpenChange(store, hold)) throw busy(found, 'it is being worked on, or was left half done');
  const because = reason === undefined ? '' : `: ${reason}`;
  const done = (outcome: string, notes: readonly string[] = [], downtimeMs: number | null = null): Released => ({
    hold: store.holds.get(hold.evidenceId) ?? hold,
    outcome,
    notes,
    downtimeMs,
  });
  const broken = await brokenSeal(hold, await inspectIfThere(engine, hold.containerId), io);
  if (broken !== null) {
    store.holds.release(hold.evidenceId, broken);
    throw new FailedError('seal_broken', `${hold.containerName} is not frozen any more: ${broken}; the hold is closed, the evidence stays`);
  }
  if (held.foreign) {
    if (to !== 'resume')
      throw new RefusedError('foreign', `${hold.containerName} was frozen by somebody else, who decides what becomes of it`);
    store.holds.release(hold.evidenceId, leftPaused);
    return done(leftPaused);
  }
  if (to === 'resume') return done('resumed', await letGo(held, io, `resumed${because}`));
  if (to === 'kill') return done('killed', (await safeKill(held, io, `killed${because}`)).notes);
  if (keptOf(store, hold.evidenceId).replacement !== null) {
    if (to === 'quarantine') return done('quarantined', ['it was replaced before, and is connected to nothing']);
    throw new RefusedError('replaced', `${held.containerName} was replaced before; the frozen one is ${hold.containerName}`, {
      hint: `pitwall release ${hold.evidenceId} --to kill`,
    });
  }
  if (to === 'quarantine') return done('quarantined', await quarantine(held, io));
  const frozenForMs = Math.max(0, io.clock.now() - (evidence.frozenAt ?? hold.since));
  const replaced = await replace(held, { ...io, frozenForMs });
  return done(`replaced by ${replaced.newId.slice(0, 12)}, held frozen as ${replaced.parked}`, replaced.notes, replaced.downtimeMs);
}

/** Somebody is at work on it: a living process, or the recovery of a dead one. */
export function hasOpenChange({ journal }: Pick<Store, 'journal'>, { evidenceId }: Hold): boolean {
  return journal.openChanges().some(({ data }) => data.evidenceId === evidenceId);
}

function busy({ hold }: FoundHold, why: string): RefusedError {
  return new RefusedError('busy', `${hold.containerName} (${hold.evidenceId}): ${why}`, { hint: 'wait for it, or run: pitwall recover' });
}
