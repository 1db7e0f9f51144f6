import type { Clock } from '../../domain/clock.ts';
import { InvalidError } from '../../domain/errors.ts';
import type { Hold } from '../../domain/evidence.ts';
import type { Store } from '../../store/store.ts';
import { findHold } from './find-hold.ts';
import { keep } from './kept.ts';

/** Holds it for `leaseMs` from now on. `reference` and errors as for `findHold`. */
export function extendLease(reference: string, leaseMs: number, store: Pick<Store, 'holds' | 'evidence'>, clock: Clock): Hold {
  if (!(leaseMs > 0)) throw new InvalidError('lease', 'a lease lasts longer than nothing', { hint: 'try 24h' });
  const { hold } = findHold(store, reference);
  keep(store, hold.evidenceId, { retryAfter: null });
  store.holds.update(hold.evidenceId, { deadline: Math.round(clock.now() + leaseMs), noticedAt: null });
  return findHold(store, hold.evidenceId).hold;
}

/** A sentence when no `serve` works on this database: nothing acts on a lease then until Pitwall is started the next time. */
export function nobodyWatches({ processes }: Pick<Store, 'processes'>): string | null {
  if (processes.serve() !== null) return null;
  return 'nobody is watching the lease: no `pitwall serve` works on this database, so what it says is done when Pitwall is next started';
}
