import type { PitwallError } from '../domain/errors.ts';
import type { FreezeIo, FreezeOutcome, FreezeRequest, Freezer } from '../domain/evidence.ts';
import { type FrozenContainer, freezeSet } from './freeze/freeze-set.ts';
import { blindWitness, openWitness, type Witness } from './freeze/witness.ts';
import type { FreezerDeps } from './freezer-deps.ts';
import { isOrdinary } from './ordinary.ts';

/** Captures of one set that go on side by side: each reads and writes as fast as the disk allows. */
const parallel = 2;

export function createFreezer(deps: FreezerDeps): Freezer {
  return { freeze: (request, io) => freeze(request, io, deps) };
}

async function freeze(request: FreezeRequest, io: FreezeIo, deps: FreezerDeps): Promise<FreezeOutcome> {
  const asked = deps.clock.now();
  let witness: Witness = blindWitness;
  try {
    // beside the pause and not before it: the engine tells what happened since
    const { frozen, notFrozen } = await freezeSet(request, io, deps, () => {
      if (witness === blindWitness) witness = openWitness(io.engine, asked);
    });
    // only now: what captures is not needed to stop it
    const { investigate } = await import('./investigation/investigate.ts');
    for (const one of frozen) {
      const { foreign, verifiedAt } = one.stopped;
      const after = `${(verifiedAt - request.receivedAt).toFixed(1)} ms after the request`;
      io.event('frozen', one.name, foreign ? 'somebody else had frozen it; it is used as it is' : `frozen, and read back, ${after}`, {
        evidence: one.evidenceId,
      });
    }
    const { done: cases, failed } = await inTurn(frozen, parallel, (one) => investigate(one, request, io, witness, deps));
    return {
      cases,
      failed: failed.map(({ item, error }) => ({ id: item.before.Id, name: item.name, reason: error.message })),
      notFrozen,
      skewMs: frozen.length > 1 ? skew(frozen, (id) => witness.eventsOf(id)) : null,
    };
  } finally {
    await witness.stop();
  }
}

/** By the engine's own `pause` events; by our reading of the frozen state where one of them is missing. */
function skew(frozen: readonly FrozenContainer[], eventsOf: (id: string) => readonly { action: string; timeNano: bigint }[]): number {
  const paused = frozen.map(({ before }) => eventsOf(before.Id).findLast(({ action }) => action === 'pause')?.timeNano);
  const known = paused.filter((time) => time !== undefined);
  if (known.length === frozen.length) {
    const sorted = known.toSorted((a, b) => (a < b ? -1 : 1));
    return Number((sorted.at(-1) ?? 0n) - (sorted[0] ?? 0n)) / 1e6;
  }
  const read = frozen.map(({ stopped }) => stopped.verifiedAt);
  return Math.max(...read) - Math.min(...read);
}

interface Worked<T, R> {
  readonly done: R[];
  readonly failed: { readonly item: T; readonly error: PitwallError }[];
}

/** One that fails leaves the others; with none left, or without a database, that is what is thrown. */
async function inTurn<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<Worked<T, R>> {
  const results: { readonly at: number; readonly result: R }[] = [];
  const failed: { readonly item: T; readonly error: PitwallError }[] = [];
  let grave: unknown = null;
  const waiting = items.entries();
  const worker = async () => {
    for (const [at, item] of waiting) {
      try {
        results.push({ at, result: await work(item) });
      } catch (error) {
        if (isOrdinary(error)) failed.push({ item, error });
        else grave ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (grave !== null) throw grave;
  if (results.length === 0 && failed[0] !== undefined) throw failed[0].error;
  return { done: results.toSorted((a, b) => a.at - b.at).map(({ result }) => result), failed };
}
