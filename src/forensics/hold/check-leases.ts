import { inspectIfThere } from '../../container/look.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, PitwallError } from '../../domain/errors.ts';
import type { Hold } from '../../domain/evidence.ts';
import type { Store } from '../../store/store.ts';
import { keep, keptOf } from './kept.ts';
import { hasOpenChange, type Released, type ReleaseTo } from './release.ts';
import { brokenSeal } from './seal-broken.ts';

export interface LeaseDeps {
  readonly engines: readonly Engine[];
  readonly store: Pick<Store, 'holds' | 'evidence' | 'journal'>;
  readonly clock: Clock;
  readonly processId: number;
  /** Releases it in a run of its own, with the reason. Throws what `release` throws. */
  carryOut(hold: Hold, to: ReleaseTo, engine: Engine, reason: string): Promise<Released>;
}

export interface LeaseNews {
  readonly kind: /** Its time is over, and it stays frozen; said at once and then hourly. */
    | 'overdue'
    | 'carried-out'
    /** What the lease says could not be done; said and tried again hourly, or as soon as the engine is back. */
    | 'failed'
    /** The hold is closed: it was thawed, ended or removed by somebody else. */
    | 'closed';
  /** As it is now. */
  readonly hold: Hold;
  readonly sentence: string;
}

const hourMs = 3_600_000;

/**
 * Acts on every lease whose time is over, and with `watch` looks whether every held container is still frozen. Any number of processes
 * may ask at once: each thing is done and said by one of them. What is being worked on is left alone. One query when nothing is due.
 */
export async function checkLeases(deps: LeaseDeps, { watch }: { readonly watch: boolean }): Promise<LeaseNews[]> {
  const { store, clock } = deps;
  const holds = store.holds.current();
  const now = clock.now();
  const concerned = holds.filter((hold) => watch || hold.deadline <= now);
  const news: LeaseNews[] = [];
  for (const hold of concerned) {
    if (hasOpenChange(store, hold)) continue;
    try {
      news.push(...(await check(hold, watch, deps)));
    } catch (error) {
      // a container or an engine that cannot be looked at is no reason to forget the others
      if (!(error instanceof PitwallError)) throw error;
      news.push(...failed(hold, error.message, deps));
    }
  }
  return news;
}

async function check(hold: Hold, watch: boolean, deps: LeaseDeps): Promise<LeaseNews[]> {
  const { store, clock } = deps;
  const isDue = () => (store.holds.get(hold.evidenceId)?.deadline ?? Number.POSITIVE_INFINITY) <= clock.now();
  if (hold.onExpiry === 'notify' && !watch) return overdue(hold, deps);
  const engine = await engineOf(hold, deps.engines);
  if (engine === null) {
    if (!isDue()) return [];
    return hold.onExpiry === 'notify' ? overdue(hold, deps) : failed(hold, `engine ${hold.engine} is not at hand`, deps);
  }
  if (watch && hold.state !== 'freezing') {
    const closed = await closedBySomebody(hold, engine, deps);
    if (closed !== null) return [closed];
  }
  if (!isDue()) return [];
  if (hold.onExpiry === 'notify') return overdue(hold, deps);
  // a fresh one is in its place already: from now on it is only said to be overdue
  if (hold.onExpiry === 'replace' && keptOf(store, hold.evidenceId).replacement !== null) {
    store.holds.update(hold.evidenceId, { onExpiry: 'notify' });
    return overdue({ ...hold, onExpiry: 'notify' }, deps);
  }
  // each try is a run: none is begun for an engine that is away
  await engine.ping();
  return carriedOut(hold, hold.onExpiry, engine, deps);
}

async function carriedOut(hold: Hold, to: ReleaseTo, engine: Engine, deps: LeaseDeps): Promise<LeaseNews[]> {
  const { store, clock } = deps;
  const { retryAfter } = keptOf(store, hold.evidenceId);
  if (retryAfter !== null && clock.now() < retryAfter) return [];
  let released: Released;
  try {
    released = await deps.carryOut(hold, to, engine, 'the lease expired');
  } catch (error) {
    if (!(error instanceof PitwallError)) throw error;
    // another process was faster
    if (othersWork.has(error.code) || (to === 'replace' && error.code === 'replaced')) return [];
    if (!(error instanceof EngineError && error.lost)) keep(store, hold.evidenceId, { retryAfter: clock.now() + hourMs });
    return failed(hold, error.message, deps);
  }
  // a replaced one is held on, and from now on only said to be overdue
  if (released.hold.state !== 'released') store.holds.update(hold.evidenceId, { onExpiry: 'notify' });
  const sentence = [`${hold.containerName} (${hold.evidenceId}): the lease expired: ${released.outcome}`, ...released.notes].join('; ');
  return [{ kind: 'carried-out', hold: store.holds.get(hold.evidenceId) ?? released.hold, sentence }];
}

const othersWork = new Set(['busy', 'released', 'hold_unknown']);

function overdue(hold: Hold, deps: LeaseDeps): LeaseNews[] {
  const late = `${Math.max(0, Math.floor((deps.clock.now() - hold.deadline) / 60_000))} min`;
  return notice(
    hold,
    'overdue',
    `${hold.containerName} (${hold.evidenceId}) is held frozen, overdue since ${late}; pitwall release or pitwall hold`,
    deps,
  );
}

function failed(hold: Hold, why: string, deps: LeaseDeps): LeaseNews[] {
  if (hold.deadline > deps.clock.now()) return [];
  return notice(
    hold,
    'failed',
    `${hold.containerName} (${hold.evidenceId}): the lease expired, but it could not be released (${hold.onExpiry}): ${why}`,
    deps,
  );
}

/** By one process, at once and then hourly. */
function notice(hold: Hold, kind: LeaseNews['kind'], sentence: string, { store, clock }: LeaseDeps): LeaseNews[] {
  if (hold.noticedAt !== null && clock.now() - hold.noticedAt < hourMs) return [];
  if (!store.holds.notice(hold.evidenceId, hold.noticedAt)) return [];
  return [{ kind, hold: store.holds.get(hold.evidenceId) ?? hold, sentence }];
}

async function closedBySomebody(hold: Hold, engine: Engine, deps: LeaseDeps): Promise<LeaseNews | null> {
  const { store, processId } = deps;
  if ((await inspectIfThere(engine, hold.containerId))?.State.Paused) return null;
  // a release under way looks the same from outside: whoever has the claim is the one who knows
  if (!store.holds.claim(hold.evidenceId, processId)) return null;
  try {
    if (hasOpenChange(store, hold)) return null;
    const ending = await brokenSeal(hold, await inspectIfThere(engine, hold.containerId), { engine, clock: deps.clock });
    if (ending === null || store.holds.get(hold.evidenceId)?.state === 'released') return null;
    store.holds.release(hold.evidenceId, ending);
    const after = store.holds.get(hold.evidenceId) ?? hold;
    return {
      kind: 'closed',
      hold: after,
      sentence: `${hold.containerName} (${hold.evidenceId}) is not held any more: ${ending}; the evidence stays`,
    };
  } finally {
    store.holds.unclaim(hold.evidenceId);
  }
}

/** The daemon that it is on, whatever it is called by now. Null when none that answers is it. */
async function engineOf(hold: Hold, engines: readonly Engine[]): Promise<Engine | null> {
  const same: Engine[] = [];
  for (const engine of engines) {
    try {
      if ((await engine.info()).id === hold.engineId) same.push(engine);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
    }
  }
  return same.find((engine) => engine.name === hold.engine) ?? same[0] ?? null;
}
