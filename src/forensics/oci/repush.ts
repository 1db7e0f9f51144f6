import { FailedError, PitwallError } from '../../domain/errors.ts';
import type { Publisher } from '../publish.ts';
import { type RegistryAccess, referenceOf } from './access.ts';
import { type Layout, openLayout } from './layout.ts';
import { type Pushed, type PushOptions, push, sendAhead } from './push.ts';

export type PendingResult<T> = { readonly layout: T } & ({ readonly pushed: Pushed } | { readonly error: FailedError });

/**
 * Pushes cases that waited for the registry, oldest first as given. A case that fails does not keep the others back, but for a registry
 * that is not there: then the rest is left for the next time and is not in the answer. What is there already is not sent again.
 */
export async function pushPending<T extends Pick<Layout, 'folder' | 'name'>>(
  layouts: Iterable<T>,
  access: RegistryAccess,
  options: PushOptions,
): Promise<PendingResult<T>[]> {
  const results: PendingResult<T>[] = [];
  for (const layout of layouts) {
    try {
      results.push({ layout, pushed: await push(layout, access, options) });
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof FailedError)) throw error;
      results.push({ layout, error });
      if (error.code === 'registry_unreachable') break;
    }
  }
  return results;
}

/** What a freeze calls. `pending` when it failed: the evidence is kept here and pushed later. */
export function publisher(access: RegistryAccess): Publisher {
  const underWay = new Map<string, Promise<unknown>>();
  return {
    ahead(evidenceId, folder, signal) {
      const before = underWay.get(evidenceId) ?? Promise.resolve(null);
      const next = before.then(
        async (failure) => failure ?? (await failureOf(() => sendAhead(openLayout(folder, evidenceId, null), access, signal))),
      );
      underWay.set(evidenceId, next);
    },
    async publish(evidenceId, folder, signal) {
      const layout = openLayout(folder, evidenceId, null);
      const reference = referenceOf(access, layout.name);
      try {
        const early = await underWay.get(evidenceId);
        underWay.delete(evidenceId);
        // a registry that is not there is waited for once
        if (early instanceof FailedError && early.code === 'registry_unreachable') throw early;
        const { notes, ...pushed } = await push(layout, access, { signal });
        return { push: { state: 'pushed', reference: pushed.reference, note: null }, notes };
      } catch (error) {
        if (!(signal.aborted || error instanceof PitwallError)) throw error;
        const why = error instanceof PitwallError ? error.message : 'it was stopped';
        const note = `not pushed to the registry yet, kept here: ${why}`;
        return { push: { state: 'pending', reference, note }, notes: [note] };
      }
    },
  };
}

/** What went wrong, for whoever asks later. */
async function failureOf(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return null;
  } catch (error) {
    return error;
  }
}
