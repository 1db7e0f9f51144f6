import type { Finding, RunRecord } from '../domain/words.ts';
import type { Changes } from '../report/pipeline/changes.ts';
import type { Output } from './output.ts';
import { showRecord } from './record-view.ts';

/** A run beside an earlier one: of its findings only what is new, changed or gone. */
export function showChanges(out: Output, record: RunRecord, changes: Changes): void {
  showRecord(out, { ...record, findings: [] });
  const { added, changed, gone } = changes;
  const same = record.findings.filter((finding) => changes.of(finding) === 'unchanged').length;
  out.line();
  out.line(`since run ${changes.baseline}: ${added.length} new, ${changed.length} changed, ${gone.length} gone, ${same} as before`);
  for (const finding of added) out.line(`  new: ${sentence(finding)}: ${finding.evidence}`);
  for (const { finding, was } of changed) out.line(`  changed, was ${was}: ${sentence(finding)}: ${finding.evidence}`);
  for (const finding of gone) out.line(`  gone: ${sentence(finding)}`);
}

/** The record as it is without a baseline, and beside it what changed since that. */
export function withChanges(record: RunRecord, changes: Changes | null): object {
  if (changes === null) return record;
  const { baseline, added, changed, gone } = changes;
  return { ...record, changes: { baseline, new: added, changed: changed.map(({ finding, was }) => ({ ...finding, was })), gone } };
}

function sentence({ state, probe, title, target, waivedUntil }: Finding): string {
  return `${state}  ${probe} ${title}${target === null ? '' : ` (${target})`}${waivedUntil === null ? '' : `, waived until ${waivedUntil}`}`;
}
