import type { Finding, RunRecord } from '../../domain/words.ts';
import { type Asked, asked, subjectOf } from '../identity.ts';
import { reason } from './reason.ts';

/** How a finding stands to that of an earlier run. */
export type Change = 'new' | 'changed' | 'unchanged';

export interface Changes {
  /** Id of the earlier run. */
  readonly baseline: string;
  readonly added: readonly Finding[];
  /** `was`: the state then, `broken, waived`. */
  readonly changed: readonly { readonly finding: Finding; readonly was: string }[];
  /** What the earlier run found and this one did not, of what was looked at again. */
  readonly gone: readonly Finding[];
  /** Of what this run did not look at, or did not come to: of that nothing is known, least of all that it was mended. */
  readonly unseen: readonly Finding[];
  /** Broken as before, and for another reason or for one more; `was`: the evidence then. */
  readonly otherwise: readonly { readonly finding: Finding; readonly was: string }[];
  /** Of a finding of the record, that very object. */
  of(finding: Finding): Change;
}

/** What a run found that an earlier one of the same drill had not found just so. Replicas of a service count as one: the worst of them. */
export function changesSince(baseline: RunRecord, record: RunRecord): Changes {
  const before = new Map(asked(baseline).map((one) => [one.key, one]));
  const now = asked(record);
  const kinds = new Map<Finding, Change>();
  const added: Finding[] = [];
  const changed: { finding: Finding; was: string }[] = [];
  const otherwise: { finding: Finding; was: string }[] = [];
  for (const one of now) {
    const old = before.get(one.key);
    const change = old === undefined ? 'new' : standing(old) === standing(one) ? 'unchanged' : 'changed';
    for (const finding of one.all) kinds.set(finding, change);
    if (change === 'new') added.push(one.worst);
    if (old === undefined) continue;
    const was = old.worst.evidence;
    if (change === 'changed')
      changed.push({ finding: one.worst, was: state(old.worst) === state(one.worst) ? standing(old) : state(old.worst) });
    else if (one.worst.state === 'broken' && reason(was) !== reason(one.worst.evidence)) otherwise.push({ finding: one.worst, was });
  }
  const keys = new Set(now.map((one) => one.key));
  const lost = [...before.values()].filter((one) => !keys.has(one.key)).map((one) => one.worst);
  const looked = lookedAt(record);
  const isSeen = (finding: Finding) => looked.has(subjectOf(baseline, finding));
  const gone = lost.filter(isSeen);
  const unseen = lost.filter((finding) => !isSeen(finding));
  return { baseline: baseline.id, added, changed, otherwise, gone, unseen, of: (finding) => kinds.get(finding) ?? 'new' };
}

/** Subjects, '' for the run as a whole. A run that came to no answer has looked at nothing but what it has findings of. */
function lookedAt(record: RunRecord): ReadonlySet<string> {
  const found = record.findings.map((finding) => subjectOf(record, finding));
  if (record.verdict !== 'passed' && record.verdict !== 'failed') return new Set(found);
  const picked = record.targets.filter(({ leftOut }) => leftOut === null).map(({ name, service }) => service ?? name);
  return new Set(['', ...picked, ...found]);
}

/** Beside the state how grave it is: worse is not as before. */
function standing({ worst }: Asked): string {
  return worst.state === 'broken' || worst.state === 'inconclusive' ? `${state(worst)}, ${worst.severity}` : state(worst);
}

function state(finding: Finding): string {
  return finding.waivedUntil === null ? finding.state : `${finding.state}, waived`;
}
