import type { z } from 'zod';
import type { DeliveryScope } from '../deliver/hands.ts';
import { type Take, takeSchema, tellInWords, tellOf } from '../deliver/schema.ts';
import { tellAgain } from '../deliver/tell.ts';

/** How a service comes to use a file that was replaced; none of the ways: it sees by itself. */
export function takeField(): z.ZodType<Take> {
  return takeSchema().refine(({ recreate }) => recreate === undefined, {
    path: ['recreate'],
    error: 'is not for servers (try restart: true)',
  });
}

export function takeWords(take: Take): string {
  return tellInWords(tellOf(take));
}

/** How long a server gets to work by what it was told to take, ms. */
export function settleMs(take: Take): number {
  const { how } = tellOf(take);
  return how === 'restart' ? 20_000 : how === 'none' ? 10_000 : 3_000;
}

/** Has each container take it; one that does not run reads its files when it starts. Throws `FailedError` `ended`, `hook_refused`, `restart_failed`, … */
export async function tellAll(
  take: Take,
  containers: readonly { readonly id: string; readonly name: string }[],
  scope: DeliveryScope,
): Promise<void> {
  await Promise.all(containers.map((container) => tellAgain({ container, tell: tellOf(take) }, scope)));
}
