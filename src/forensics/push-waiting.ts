import { join } from 'node:path';
import type { Store } from '../store/store.ts';
import type { RegistryAccess } from './oci/access.ts';
import { type Layout, openLayout } from './oci/layout.ts';
import { pushPending } from './oci/repush.ts';

export interface WaitingDeps {
  readonly store: Pick<Store, 'evidence'>;
  readonly root: string;
  note(evidenceId: string, what: string): Promise<void>;
  /** Ends it; what is not there by then waits on. */
  readonly signal: AbortSignal;
}

/** Offers the registry what it could not take before, the oldest first. A sentence for each case that it took. */
export async function pushWaiting(registry: RegistryAccess, { store, root, note, signal }: WaitingDeps): Promise<string[]> {
  const waiting = store.evidence.list({ pending: true }).filter(({ state }) => state === 'whole' || state === 'partial');
  if (waiting.length === 0) return [];
  const layouts = waiting.toReversed().map((one) => ({ id: one.id, ...openLayout(join(root, one.id), one.id, null) }));
  const sentences: string[] = [];
  for (const layout of layouts) {
    const { id } = layout;
    const [result] = await offered(layout, registry, signal);
    if (result === undefined) break;
    if ('error' in result) {
      store.evidence.update(id, { push: { state: 'pending', reference: null, note: result.error.message } });
      if (result.error.code === 'registry_unreachable') break;
      continue;
    }
    const { reference } = result.pushed;
    store.evidence.update(id, { push: { state: 'pushed', reference, note: null } });
    await note(id, `pushed to ${reference}`);
    sentences.push(`${id} was pushed to ${reference}`, ...result.pushed.notes);
  }
  return sentences;
}

/** One at a time: what the registry has is in its row before the next is begun. Nothing when it was told to stop. */
async function offered<T extends Pick<Layout, 'folder' | 'name'>>(layout: T, registry: RegistryAccess, signal: AbortSignal) {
  try {
    return await pushPending([layout], registry, { signal });
  } catch (error) {
    if (signal.aborted) return [];
    throw error;
  }
}
