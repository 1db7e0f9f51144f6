import type { ReportDeps } from '../deps.ts';
import { compare } from '../order.ts';
import type { Report } from '../schema.ts';
import type { Aged } from './aged.ts';
import { type Days, most, type Records } from './period.ts';

/** So many of the newest runs of every verdict are looked at, besides all that have a change which is not put back. */
const looked = 1_000;
const dayMs = 86_400_000;

/** What is left behind, by whatever run: those that were aborted or ended by an error leave most, and no proof. The newest first. */
export function residueIn({ from, to }: Days, proofs: readonly Aged[], service: string | null, records: Records, { store }: ReportDeps) {
  const byRun = new Map<string, readonly string[]>();
  // of a drill whose newest run is older than these days
  for (const { type, state, runId } of proofs)
    if (type === 'verdict' && state === 'broken') byRun.set(runId, records(runId)?.residue ?? []);
  for (const { id, residue } of store.runs.withResidue({ since: from, until: to + dayMs, subject: service, looked }))
    byRun.set(id, residue);
  const all = [...byRun]
    .sort(([a], [b]) => compare(b, a))
    .flatMap(([run, sentences]): Report['residue'] => sentences.map((sentence) => ({ run, sentence })));
  return { rows: all.slice(0, most.residue), leftOut: Math.max(0, all.length - most.residue) };
}
