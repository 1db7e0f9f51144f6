import type { Finding, RunRecord } from '../../domain/words.ts';
import type { Changes } from '../../report/pipeline/changes.ts';
import type { Output } from '../output.ts';
import { showRecord } from './record.ts';

/** A run beside an earlier one: of its findings only what is new, changed or gone. */
export function showChanges(out: Output, record: RunRecord, changes: Changes): void {
  showRecord(out, { ...record, findings: [] });
  const { added, changed, gone, unseen, otherwise } = changes;
  const same = record.findings.filter((finding) => changes.of(finding) === 'unchanged').length;
  out.line();
  out.line(`since run ${changes.baseline}: ${added.length} new, ${changed.length} changed, ${gone.length} gone, ${same} as before`);
  for (const finding of added) out.line(`  new: ${sentence(finding)}: ${finding.evidence}`);
  for (const { finding, was } of changed) out.line(`  changed, was ${was}: ${sentence(finding)}: ${finding.evidence}`);
  for (const { finding, was } of otherwise)
    out.line(`  as before, but for another reason: ${sentence(finding)}: ${finding.evidence} (was: ${was})`);
  const grave = gone.filter(({ state }) => state === 'broken' || state === 'inconclusive');
  for (const finding of grave) out.line(`  gone: ${sentence(finding)}`);
  if (gone.length > grave.length) out.line(`  gone: ${gone.length - grave.length} that held or did not apply`);
  const targets = [...new Set(unseen.map(({ target }) => target ?? 'the run as a whole'))].join(', ');
  if (unseen.length > 0) out.line(`  not looked at this time: ${targets}, of which the earlier run has ${unseen.length} findings`);
}

/** The record as it is without a baseline, and beside it what changed since that. */
export function withChanges(record: RunRecord, changes: Changes | null): object {
  if (changes === null) return record;
  const { baseline, added, changed, gone, unseen, otherwise } = changes;
  const beside = (all: readonly { readonly finding: Finding; readonly was: string }[]) =>
    all.map(({ finding, was }) => ({ ...finding, was }));
  return { ...record, changes: { baseline, new: added, changed: beside(changed), gone, unseen, otherwise: beside(otherwise) } };
}

function sentence({ state, probe, title, target, waivedUntil }: Finding): string {
  return `${state}  ${probe} ${title}${target === null ? '' : ` (${target})`}${waivedUntil === null ? '' : `, waived until ${waivedUntil}`}`;
}
