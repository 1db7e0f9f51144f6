import { FailedError, PitwallError } from '../../domain/errors.ts';
import type { Publish } from '../publish.ts';
import { type RegistryAccess, referenceOf } from './access.ts';
import { type Layout, openLayout } from './layout.ts';
import { type Pushed, type PushOptions, push } from './push.ts';

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

/** What a freeze calls when its case is sealed. `pending` when it failed: the evidence is kept here and pushed later. */
export function publisher(access: RegistryAccess): Publish {
  return async (evidenceId, folder, signal) => {
    const layout = openLayout(folder, evidenceId, null);
    const reference = referenceOf(access, layout.name);
    try {
      const { notes, ...pushed } = await push(layout, access, { signal });
      return { push: { state: 'pushed', reference: pushed.reference, note: null }, notes };
    } catch (error) {
      if (!(signal.aborted || error instanceof PitwallError)) throw error;
      const why = error instanceof PitwallError ? error.message : 'it was stopped';
      const note = `not pushed to the registry yet, kept here: ${why}`;
      return { push: { state: 'pending', reference, note }, notes: [note] };
    }
  };
}
