/** Ended runs in a store, as a runner leaves them. */
import { monotonicFactory } from 'ulid';
import type { Finding } from '../../src/domain/words.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { newRun } from '../server/harness.ts';

export interface Practised {
  readonly kind: string;
  /** As the kind when left out. */
  readonly drill?: string;
  readonly service?: string;
  readonly probe?: string;
  readonly state?: Finding['state'];
  readonly severity?: Finding['severity'];
  readonly waivedUntil?: string | null;
}

const newId = monotonicFactory();

/** One run with one finding. Ends by the store's clock. */
export function practise(store: Pick<Store, 'runs'>, { kind, drill = kind, service = 'web', probe = 'P-1', ...change }: Practised): string {
  const id = newId();
  const { state = 'holds', severity = 'high', waivedUntil = null } = change;
  store.runs.open({ ...newRun, id, drill, kind });
  const name = `shop-${service}-1`;
  store.runs.saveTargets(id, [{ id: 'a'.repeat(64), name, service, image: 'shop', outcome: null, leftOut: null }]);
  store.runs.addFindings(id, [{ probe, title: 'what holds', target: name, state, severity, evidence: '', waivedUntil }]);
  const verdict = state === 'broken' && waivedUntil === null ? 'failed' : 'passed';
  store.runs.end(id, { verdict, reason: '', exitCode: verdict === 'failed' ? 1 : 0, residue: [] });
  return id;
}

/** Works in a database as of some days ago, and closes it. */
export function daysAgo(path: string, days: number, work: (store: Store) => void): void {
  const now = () => Date.now() - days * 86_400_000;
  const store = openStore({ path, clock: { now, monotonic: () => performance.now(), sleep: () => Promise.resolve() } });
  try {
    work(store);
  } finally {
    store.close();
  }
}

/** A day, UTC, so many from now on: as far ahead as a waiver may end. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
