import { instant } from '../domain/clock.ts';
import type { EvidenceCase } from '../domain/evidence.ts';
import type { CustodyEntry } from './case/custody-entry.ts';
import type { Manifest } from './case/manifest.ts';

/** What happened when, as far as the case tells: the engine's events, the handling, the steps of the capture; by time. */
export function timelineOf(
  evidence: EvidenceCase,
  manifest: Manifest | null,
  custody: readonly CustodyEntry[],
): { readonly at: string; readonly what: string }[] {
  const entries = [
    { at: instant(evidence.requestedAt), what: `${evidence.trigger} by ${evidence.actor} asks for the freeze` },
    ...(evidence.frozenAt === null ? [] : [{ at: instant(evidence.frozenAt), what: 'frozen, and read back' }]),
    ...(manifest?.seal?.events ?? []).map(({ at, action }) => ({ at, what: `the engine reports ${action}` })),
    ...custody.map(({ at, what, who }) => ({ at, what: `${who}: ${what}` })),
    ...(evidence.hold?.endedAt ? [{ at: instant(evidence.hold.endedAt), what: `released: ${evidence.hold.ending ?? ''}` }] : []),
  ];
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
