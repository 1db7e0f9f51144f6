import type { Finding, RunRecord } from '../../domain/words.ts';
import { type Asked, asked } from '../identity.ts';

/** How a finding stands to that of an earlier run. */
export type Change = 'new' | 'changed' | 'unchanged';

export interface Changes {
  /** Id of the earlier run. */
  readonly baseline: string;
  readonly added: readonly Finding[];
  /** `was`: the state then, `broken, waived`. */
  readonly changed: readonly { readonly finding: Finding; readonly was: string }[];
  /** What the earlier run asked and this one did not. */
  readonly gone: readonly Finding[];
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
  for (const one of now) {
    const old = before.get(one.key);
    const change = old === undefined ? 'new' : standing(old) === standing(one) ? 'unchanged' : 'changed';
    for (const finding of one.all) kinds.set(finding, change);
    if (change === 'new') added.push(one.worst);
    if (old !== undefined && change === 'changed')
      changed.push({ finding: one.worst, was: state(old.worst) === state(one.worst) ? standing(old) : state(old.worst) });
  }
  const keys = new Set(now.map((one) => one.key));
  const gone = [...before.values()].filter((one) => !keys.has(one.key)).map((one) => one.worst);
  return { baseline: baseline.id, added, changed, gone, of: (finding) => kinds.get(finding) ?? 'new' };
}

/** Beside the state how grave it is: worse is not as before. */
function standing({ worst }: Asked): string {
  return worst.state === 'broken' || worst.state === 'inconclusive' ? `${state(worst)}, ${worst.severity}` : state(worst);
}

function state(finding: Finding): string {
  return finding.waivedUntil === null ? finding.state : `${finding.state}, waived`;
}
