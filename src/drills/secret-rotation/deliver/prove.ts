import { EngineError, FailedError } from '../../../domain/errors.ts';
import type { Credential } from '../system.ts';
import { contentOf } from './content.ts';
import type { DeliveryData } from './data.ts';
import { findContainer } from './find.ts';
import { type DeliveryScope, isLost, spotOf, withHands } from './hands.ts';

export interface Proof {
  /** What the container itself finds at the path now. */
  readonly sees: 'new' | 'old' | 'other' | 'unreadable';
  /** Why it could not be read; null when it was. */
  readonly why: string | null;
}

/**
 * Compares the file, as the container's own processes find it, with the new and the old value; whatever the engine would show of it. Throws
 * when the engine is lost.
 */
export async function proveNew(
  data: DeliveryData,
  credentials: { readonly new: Credential; readonly old: Credential | null },
  scope: DeliveryScope,
): Promise<Proof> {
  try {
    return await withHands(scope, async (hands) => {
      const { container } = await findContainer(data, scope);
      const seat = hands.inside(container);
      const values = [credentials.new, ...(credentials.old === null ? [] : [credentials.old])].flatMap((one) => {
        const bytes = contentOf(data.format, one).reveal();
        // who wrote the file first may have ended it otherwise
        return [bytes, `${bytes}\n`, bytes.replace(/\n$/, '')].map((text) => Buffer.from(text).toString('base64'));
      });
      const view = { mountedAt: '/', inside: data.secret.path.slice(1) };
      const { which } = await seat.ask({ do: 'compare', ...spotOf(seat, view, data.mark), values });
      if (which === null) return { sees: 'unreadable', why: `${data.container.name} has no ${data.secret.path}` };
      return { sees: which < 0 ? 'other' : which < 3 ? 'new' : 'old', why: null };
    });
  } catch (error) {
    if (isLost(error) || !(error instanceof FailedError || error instanceof EngineError)) throw error;
    return { sees: 'unreadable', why: error.message };
  }
}
