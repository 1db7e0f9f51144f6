import { randomBytes } from 'node:crypto';
import { readTools } from '../container/clone/tools.ts';
import { ownLabels } from '../container/own.ts';
import type { Engine } from '../domain/engine.ts';
import { InconclusiveError } from '../domain/errors.ts';

/** What all dummies of a run are made with. */
export interface Workshop {
  readonly engine: Engine;
  readonly runId: string;
  /** The database's id. */
  readonly instance: string;
  /** UTC ms. */
  now(): number;
  readonly signal: AbortSignal;
  readonly helperImage: string;
  /** The volume with the busybox, or why there is none. */
  readonly tools: { readonly volume: string } | { readonly none: string };
}

/** ms after which a sweep takes what a crash left; a dummy ends by itself long before. */
export const dummyExpiresMs = 600_000;

/** The volume, filled; to be removed by the caller. A helper image without a static busybox is an answer, not an error. */
export async function openTools(shop: Omit<Workshop, 'tools'>): Promise<Workshop['tools']> {
  const volume = `pitwall-tools-${randomBytes(4).toString('hex')}`;
  const labels = labelsOf(shop, 'tools');
  await shop.engine.createVolume(volume, labels);
  try {
    await readTools(shop.engine, { helperImage: shop.helperImage, labels, volume: { name: volume, also: () => [] } });
    return { volume };
  } catch (error) {
    await shop.engine.removeVolume(volume).catch(() => undefined);
    if (error instanceof InconclusiveError)
      return { none: 'the helper image has no static busybox (install busybox-static where Pitwall runs)' };
    throw error;
  }
}

export function labelsOf(shop: Pick<Workshop, 'runId' | 'instance' | 'now'>, role: string) {
  return ownLabels({ runId: shop.runId, instance: shop.instance, role, expiresAt: shop.now() + dummyExpiresMs });
}
