import { RefusedError } from '../../domain/errors.ts';
import type { ServerDeps } from '../deps.ts';
import { findCase } from './evidence.ts';

/** The whole id of a case whose container is held. @throws as `findCase`, and RefusedError `not_held`. */
export function heldCase(store: Pick<ServerDeps['store'], 'evidence'>, id: string): string {
  const found = findCase(store, id);
  if (found.hold === null || found.hold.state === 'released') {
    const ending = found.hold?.ending ?? 'it was never frozen';
    throw new RefusedError('not_held', `evidence ${found.id} holds no container any more: ${ending}`, {
      hint: 'GET /api/v1/freezes lists those that are held',
    });
  }
  return found.id;
}
