import type { Finding, RunRecord } from '../../domain/words.ts';
import { asked, subjectOf } from '../../report/identity.ts';
import type { Changes } from '../../report/pipeline/changes.ts';

/** What else is to be said of a run beside an earlier one. */
export interface SinceBaseline {
  /** No more found, of what was looked at again. */
  readonly gone: readonly Finding[];
  /** Of targets that this run did not look at: of those nothing is known, least of all that it was mended. */
  readonly unseen: readonly Finding[];
  /** Broken as before, and for another reason or for one more; `was`: the evidence then. */
  readonly otherwise: readonly { readonly finding: Finding; readonly was: string }[];
}

export function sinceBaseline(baseline: RunRecord, record: RunRecord, changes: Changes): SinceBaseline {
  const looked = new Set(record.targets.filter(({ leftOut }) => leftOut === null).map(({ name, service }) => service ?? name));
  const isSeen = (finding: Finding) => finding.target === null || looked.has(subjectOf(baseline, finding));
  const before = new Map(asked(baseline).map(({ key, worst }) => [key, worst]));
  const otherwise = asked(record).flatMap(({ key, worst }) => {
    const was = before.get(key);
    if (was === undefined || worst.state !== 'broken' || changes.of(worst) !== 'unchanged') return [];
    return reason(was.evidence) === reason(worst.evidence) ? [] : [{ finding: worst, was: was.evidence }];
  });
  return { gone: changes.gone.filter(isSeen), unseen: changes.gone.filter((finding) => !isSeen(finding)), otherwise };
}

/** Evidence without what is another in every run: commands and their output, salted hashes, addresses, times and amounts. */
function reason(evidence: string): string {
  return evidence
    .replace(/ \[`[\s\S]*\]$/, '')
    .replaceAll(/ \(not self-tested here: [^)]*\)/g, '')
    .replaceAll(/hash [0-9a-f]+/g, 'hash')
    .replaceAll(/\b(\d{1,3}\.){3}\d{1,3}\b|\b[0-9a-f]*:[0-9a-f:]*:[0-9a-f]*\b/g, 'address')
    .replaceAll(/\d+\.\d+|\d+ (ms|s|m|h|d|days|MB|MiB|GiB)\b/g, 'amount');
}
