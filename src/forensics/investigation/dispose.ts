import { inspectIfThere } from '../../container/look.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { Disposition } from '../../domain/evidence.ts';
import type { Held, HoldIo } from '../hold/io.ts';
import { quarantine } from '../hold/quarantine.ts';
import { replace } from '../hold/replace/replace.ts';
import { resume } from '../hold/resume.ts';

export interface Disposed {
  /** In a few words. */
  readonly outcome: string;
  /** Reading of the monotonic clock when it ran again; null while it is frozen. */
  readonly resumedAt: number | null;
  /** From the freeze until the service had a running, healthy container again, ms; null when it has none. */
  readonly downtime: number | null;
  readonly notes: readonly string[];
}

/** Does with a frozen container what the disposition says. Throws `FailedError`; it is frozen then, and held, or it has ended. */
export async function dispose(held: Held, disposition: Disposition, frozenAt: number, leaseMs: number, io: HoldIo): Promise<Disposed> {
  const { clock, store } = io;
  if (held.foreign) {
    store.holds.release(held.evidenceId, 'left paused, as it was found');
    return { outcome: 'captured; left paused, as it was found', resumedAt: null, downtime: null, notes: [] };
  }
  switch (disposition) {
    case 'keep': {
      const now = await inspectIfThere(io.engine, held.containerId);
      // the seal tells who did it; the hold is closed by whoever looks after it
      const lost =
        now === null ? 'gone: it was removed by somebody' : now.State.Paused ? null : `not frozen any more (${now.State.Status})`;
      return { outcome: lost ?? `frozen, held for ${formatDuration(leaseMs)}`, resumedAt: null, downtime: null, notes: [] };
    }
    case 'resume': {
      await resume(held, io).catch(async (error: unknown) => {
        await letGoOfEnded(held, io);
        throw error;
      });
      const resumedAt = clock.monotonic();
      store.holds.release(held.evidenceId, 'resumed');
      return { outcome: 'resumed', resumedAt, downtime: resumedAt - frozenAt, notes: [] };
    }
    case 'quarantine': {
      const notes = await quarantine(held, io);
      return { outcome: `frozen and quarantined, held for ${formatDuration(leaseMs)}`, resumedAt: null, downtime: null, notes };
    }
    case 'replace': {
      const { notes, parked, downtimeMs } = await replace(held, { ...io, frozenForMs: clock.monotonic() - frozenAt });
      return {
        outcome: `replaced; the original is kept frozen as ${parked} for ${formatDuration(leaseMs)}`,
        resumedAt: null,
        downtime: downtimeMs,
        notes,
      };
    }
  }
}

/** CRIU makes a waiting system call return, and a sleep that was all of it then ends: there is nothing left to hold. */
async function letGoOfEnded(held: Held, { engine, store }: HoldIo): Promise<void> {
  const now = await inspectIfThere(engine, held.containerId);
  if (now?.State.Running !== true) store.holds.release(held.evidenceId, now === null ? 'gone' : 'ended when it was resumed');
}
