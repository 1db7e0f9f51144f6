import type { EvidenceCase } from '../domain/evidence.ts';

export interface Published {
  readonly push: EvidenceCase['push'];
  /** Sentences for the reader: the registry is down, lets anyone pull, … */
  readonly notes: readonly string[];
}

/** The way to the registry. Never rejects for what the registry does: that is part of the answer. */
export interface Publisher {
  /** Begins to send what there is of a case, while the rest is still made. */
  ahead(evidenceId: string, folder: string, signal: AbortSignal): void;
  /** Pushes the images of a sealed case, reads them back, and says how it went. */
  publish(evidenceId: string, folder: string, signal: AbortSignal): Promise<Published>;
}

/** Said before the push: one that is cut short by a crash is pushed later. */
export const waiting: EvidenceCase['push'] = { state: 'pending', reference: null, note: 'not pushed to the registry yet' };
