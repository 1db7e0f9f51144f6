import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { evidenceLabel } from '../container/own.ts';
import type { Clock } from '../domain/clock.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import type { EvidenceCase } from '../domain/evidence.ts';
import type { Store } from '../store/store.ts';
import { pruneShared } from './oci/blobs.ts';
import type { Pruned } from './service.ts';

export interface PruneRule {
  readonly olderThanMs?: number | undefined;
  readonly keepBytes?: number | undefined;
  readonly dryRun: boolean;
}

export interface PruneDeps {
  readonly store: Pick<Store, 'evidence'>;
  readonly clock: Clock;
  readonly root: string;
  readonly engines: readonly Engine[];
  /** One is configured: what it has not got yet is not removed. */
  readonly registry: boolean;
}

/** On a folder whose case is pruned, and that may be half gone. */
const goneSuffix = '.pruned';

/** Removes the cases that the rule names, oldest first, with their images on the engine. What is in the registry stays there. */
export async function prune(rule: PruneRule, deps: PruneDeps): Promise<Pruned> {
  const { store, clock } = deps;
  const cases = store.evidence.list().filter(({ state }) => state === 'whole' || state === 'partial');
  const oldestFirst = cases.toReversed();
  const chosen = choose(oldestFirst, rule, clock.now(), deps.registry);
  const removed: { id: string; bytes: number }[] = [];
  const kept: { id: string; reason: string }[] = [];
  for (const one of chosen) {
    const reason = whyKept(one, deps.registry);
    if (reason !== null) kept.push({ id: one.id, reason });
    else if (rule.dryRun) removed.push({ id: one.id, bytes: one.bytes });
    else {
      const problem = await remove(one, deps);
      removed.push({ id: one.id, bytes: one.bytes });
      if (problem !== null) kept.push({ id: one.id, reason: problem });
    }
  }
  if (!rule.dryRun) await sweepFolders(deps.root);
  return { removed, kept };
}

/** Those that are too old, and of the rest the oldest until the others are within the budget. What must be kept counts, and stays. */
function choose(
  oldestFirst: readonly EvidenceCase[],
  { olderThanMs, keepBytes }: PruneRule,
  now: number,
  registry: boolean,
): EvidenceCase[] {
  let left = oldestFirst.reduce((sum, { bytes }) => sum + bytes, 0);
  return oldestFirst.filter((one) => {
    const old = olderThanMs !== undefined && now - one.requestedAt > olderThanMs;
    const much = keepBytes !== undefined && left > keepBytes;
    if (!old && !much) return false;
    if (whyKept(one, registry) === null) left -= one.bytes;
    return true;
  });
}

/** Null when it may go. */
function whyKept({ hold, push }: EvidenceCase, registry: boolean): string | null {
  if (registry && push.state === 'pending') return 'the registry has not got it yet, and this is the only copy';
  if (hold === null || hold.state === 'released' || push.state === 'pushed') return null;
  return 'its container is still held, and this is the only copy';
}

/** The folder goes out of the way in one step, so that no half case is ever taken for a whole one. A sentence for what stays behind. */
async function remove(one: EvidenceCase, { store, clock, root, engines }: PruneDeps): Promise<string | null> {
  const folder = join(root, one.id);
  const gone = `${folder}${goneSuffix}`;
  await rename(folder, gone).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
  store.evidence.update(one.id, { state: 'pruned', prunedAt: clock.now() });
  await rm(gone, { recursive: true, force: true });
  const engine = engines.find(({ name }) => name === one.engine);
  if (engine === undefined) return `its image stays on engine ${one.engine}, which is not in the configuration`;
  try {
    // by its label: one that was committed right before a crash is in no row
    for (const image of await engine.images({ labels: [`${evidenceLabel}=${one.id}`] })) await engine.removeImage(image.id);
    return null;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return `its image stays on the engine: ${error.message}`;
  }
}

/** Folders that a killed prune left, and layers that no case has any more. */
async function sweepFolders(root: string): Promise<void> {
  for (const name of await names(root)) if (name.endsWith(goneSuffix)) await rm(join(root, name), { recursive: true, force: true });
  await pruneShared(join(root, 'blobs', 'sha256'));
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
