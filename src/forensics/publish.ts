import type { EvidenceCase } from '../domain/evidence.ts';

export interface Published {
  readonly push: EvidenceCase['push'];
  /** Sentences for the reader: the registry is down, lets anyone pull, … */
  readonly notes: readonly string[];
}

/** Pushes the images of a sealed case to the registry, reads them back, and says how it went. Never rejects for what the registry does. */
export type Publish = (evidenceId: string, folder: string, signal: AbortSignal) => Promise<Published>;

/** Said before the push: one that is cut short by a crash is pushed later. */
export const waiting: EvidenceCase['push'] = { state: 'pending', reference: null, note: 'not pushed to the registry yet' };
