import type { Drill } from '../../domain/drill.ts';
import type { Engine } from '../../domain/engine.ts';
import type { RunnerDeps } from '../deps.ts';

/** The longest that is waited for the engine's word on who is still there; without it nobody counts as gone. */
const presenceMs = 5_000;

/** Of those that the drill once found broken and that it does not list any more: who still is. A narrower selector mends nothing. */
export async function stillThere(
  drill: Drill,
  engine: Engine,
  listed: readonly string[],
  { store }: RunnerDeps,
): Promise<readonly string[] | undefined> {
  const unlisted = store.proofs
    .brokenOn({ engine: engine.name, drill: drill.name, kind: drill.kind })
    .filter((name) => !listed.includes(name));
  if (unlisted.length === 0) return [];
  try {
    const all = await engine.list({ all: true }, { signal: AbortSignal.timeout(presenceMs) });
    return unlisted.filter((name) => all.some((container) => container.name === name));
  } catch {
    return undefined;
  }
}
