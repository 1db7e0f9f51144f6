import type { Secret } from '../../../domain/secret.ts';
import { valueIn } from './content.ts';
import type { DeliveryData } from './data.ts';
import { findContainer } from './find.ts';
import { type DeliveryScope, spotOf, withHands } from './hands.ts';

/** The value that a consumer's file holds, as the container itself finds it; null when there is none, or when it is not written in this format. */
export function heldIn(data: DeliveryData, scope: DeliveryScope): Promise<Secret | null> {
  return withHands(scope, async (hands) => {
    const { container } = await findContainer(data, scope);
    const seat = hands.inside(container);
    const view = { mountedAt: '/', inside: data.secret.path.slice(1) };
    const { bytes } = await seat.ask({ do: 'read', ...spotOf(seat, view, data.mark) });
    return bytes === null ? null : valueIn(data.format, Buffer.from(bytes, 'base64').toString('utf8'));
  });
}
