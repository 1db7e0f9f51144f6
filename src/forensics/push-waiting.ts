import { join } from 'node:path';
import type { Store } from '../store/store.ts';
import type { RegistryAccess } from './oci/access.ts';
import { openLayout } from './oci/layout.ts';
import { pushPending } from './oci/repush.ts';

export interface WaitingDeps {
  readonly store: Pick<Store, 'evidence'>;
  readonly root: string;
  note(evidenceId: string, what: string): Promise<void>;
}

/** Offers the registry what it could not take before, the oldest first. A sentence for each case that it took. */
export async function pushWaiting(registry: RegistryAccess, { store, root, note }: WaitingDeps): Promise<string[]> {
  const waiting = store.evidence.list({ pending: true }).filter(({ state }) => state === 'whole' || state === 'partial');
  if (waiting.length === 0) return [];
  const layouts = waiting.toReversed().map((one) => ({ id: one.id, ...openLayout(join(root, one.id), one.id, null) }));
  const sentences: string[] = [];
  for (const result of await pushPending(layouts, registry, { signal: new AbortController().signal })) {
    const { id } = result.layout;
    if ('error' in result) {
      store.evidence.update(id, { push: { state: 'pending', reference: null, note: result.error.message } });
      continue;
    }
    const { reference } = result.pushed;
    store.evidence.update(id, { push: { state: 'pushed', reference, note: null } });
    await note(id, `pushed to ${reference}`);
    sentences.push(`${id} was pushed to ${reference}`, ...result.pushed.notes);
  }
  return sentences;
}
