import { instant } from '../domain/clock.ts';
import { labels } from '../domain/target.ts';

export type Labels = Readonly<Record<string, string>>;

/** On evidence images: no sweep touches them, whatever else they carry. */
export const evidenceLabel = 'pitwall.evidence';

/**
 * The run of a thing that no single run owns, such as the helper image that all runs share: it belongs to none that can end, so only
 * its expiry lets a sweep take it. A ULID of the year 1970, which no run can have.
 */
export const noRun = '00000000000000000000000000';

export interface Ownership {
  /** The run's ULID, or `noRun`. */
  readonly runId: string;
  /** What it is for: `check`, `helper-image`, … */
  readonly role: string;
  /** The database's id. */
  readonly instance: string;
  /** UTC ms after which a sweep may remove it whatever its run does. */
  readonly expiresAt: number;
}

/** The four labels without which nothing of ours is made (DESIGN, "Never broken", 5). */
export function ownLabels({ runId, role, instance, expiresAt }: Ownership): Labels {
  return { [labels.run]: runId, [labels.role]: role, [labels.instance]: instance, [labels.expires]: instant(expiresAt) };
}

/** Carries all four labels, and this instance's. */
export function isOurs(all: Labels, instance: string): boolean {
  return instance !== '' && missing(all).length === 0 && all[labels.instance] === instance;
}

/** Made by Pitwall, whichever: a single label may stand on anything, and must hide nothing. */
export function isPitwalls(all: Labels): boolean {
  return missing(all).length === 0;
}

/** Those of the four that a thing does not carry. */
export function missing(all: Labels): string[] {
  return [labels.run, labels.role, labels.instance, labels.expires].filter((label) => (all[label] ?? '') === '');
}
