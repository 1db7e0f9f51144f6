import { InvalidError, RefusedError } from '../../domain/errors.ts';
import type { EvidenceCase, Hold } from '../../domain/evidence.ts';
import type { Store } from '../../store/store.ts';

export interface FoundHold {
  readonly hold: Hold;
  readonly evidence: EvidenceCase;
}

/**
 * A hold by its case (`ev_…` or the beginning of it) or by its container: its name now or when it was frozen, its id or 4 digits of it or
 * more. Throws InvalidError `hold_unknown` or `hold_ambiguous`, RefusedError `released` for one that has ended.
 */
export function findHold({ holds, evidence }: Pick<Store, 'holds' | 'evidence'>, reference: string): FoundHold {
  const found = holds.current().flatMap((hold) => {
    const one = evidence.get(hold.evidenceId);
    return one !== null && means(reference, hold, one) ? [{ hold, evidence: one }] : [];
  });
  const exact = found.filter(({ hold }) => hold.containerName === reference || hold.evidenceId === reference);
  const chosen = exact.length === 1 ? exact : found;
  if (chosen.length > 1) {
    throw new InvalidError(
      'hold_ambiguous',
      `${reference} means more than one: ${chosen.map(({ hold }) => `${hold.containerName} (${hold.evidenceId})`).join(', ')}`,
      {
        hint: 'name the evidence',
      },
    );
  }
  const [only] = chosen;
  if (only !== undefined) return only;
  const ended = reference.startsWith('ev_') ? evidence.get(reference)?.hold : undefined;
  if (ended) throw new RefusedError('released', `${ended.containerName} is not held any more: ${ended.ending}`);
  throw new InvalidError('hold_unknown', `nothing is held frozen as ${reference}`, { hint: 'pitwall evidence list' });
}

function means(reference: string, hold: Hold, evidence: EvidenceCase): boolean {
  if (reference.startsWith('ev_')) return hold.evidenceId.startsWith(reference);
  if (reference === hold.containerName || reference === evidence.container.name) return true;
  return /^[0-9a-f]{4,64}$/.test(reference) && hold.containerId.startsWith(reference);
}
